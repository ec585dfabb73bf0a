/** What the tracing takes from the app: the recording, and every word that it shows, in the app's language. */
import type { Record } from "../edge/record";

/** Words on the tracing. A function gets numbers and gives them with their unit, in the app's language. */
export interface TracingText {
  /** For a screen reader: what the canvas shows. */
  readonly label: (record: Record) => string;
  readonly notRecorded: string;
  readonly ms: (value: number) => string;
  readonly mv: (value: number) => string;
  readonly bpm: (value: number) => string;
  /** "25 mm/s, 10 mm/mV" at true size, with the zoom where it is another. */
  readonly scale: (zoom: number) => string;
  readonly seconds: (value: number) => string;
  readonly calipers: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly fit: string;
  readonly layout: string;
}

/** One A4 sheet for PNG and PDF: what stands around the tracing, already in words. */
export interface SheetText {
  readonly direction: "ltr" | "rtl";
  readonly title: string;
  readonly verdict: string;
  readonly facts: readonly string[];
  /** Label and probability, likeliest first. */
  readonly probabilities: readonly (readonly [string, number, string])[];
  readonly remarks: readonly string[];
  readonly notADevice: string;
  readonly notRecorded: string;
  readonly scale: string;
}
