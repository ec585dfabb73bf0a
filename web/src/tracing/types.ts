/** What the tracing takes from the app: the recording, and every word that it shows, in the app's language. */
import type { Lead, Record } from "../edge/record";

/** Words that stand on the paper itself, on the screen and on the sheet. */
interface PaperText {
  readonly notRecorded: string;
  /** After the name of a limb lead that is computed from two others. */
  readonly derived: string;
  /** After a lead's name, in brackets, where its trace leaves its row: "cut off". */
  readonly cutOff: string;
  /**
   * Which stretch is shown: "10 to 20 s of 60 s". On sheets it also says that columns overlap in time, where one has less
   * than 10 s, and that the rest is not shown, where there is more.
   */
  readonly extent: (fromS: number, toS: number, ofS: number, onSheets: boolean) => string;
}

/** Words on the tracing. A function gets numbers and gives them with their unit, in the app's language. */
export interface TracingText extends PaperText {
  /** For a screen reader: what the canvas shows. */
  readonly label: (record: Record) => string;
  readonly ms: (value: number) => string;
  readonly mv: (value: number) => string;
  readonly bpm: (value: number) => string;
  /** Below the tracing, which leads are not there: "Not recorded: V1, V2". */
  readonly absent: (leads: readonly Lead[]) => string;
  /**
   * "25 mm/s, 10 mm/mV" at true size, with the zoom where it is another; 5 mm/mV where beats are tall. Zoomed out beyond the twelve leads' height
   * only time shrinks: then `amplitudeZoom` is the larger of the two.
   */
  readonly scale: (zoom: number, amplitudeZoom: number, mmPerMv: number) => string;
  /** A time of the recording on the ruler: "5 s", "1:05". */
  readonly seconds: (value: number) => string;
  readonly calipers: string;
  /** Of each line that can be moved: "First time line" ... "Second voltage line". */
  readonly caliperLines: readonly [time1: string, time2: string, voltage1: string, voltage2: string];
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly fit: string;
  /** Of the two buttons for the layout together, and below the icon of each. */
  readonly layout: string;
  readonly strips: string;
  readonly sheet: string;
  /** Of the toolbar: "Tracing". */
  readonly toolbar: string;
}

/** One A4 sheet for PNG and PDF: what stands around the tracing, already in words. */
export interface SheetText extends PaperText {
  readonly direction: "ltr" | "rtl";
  /** BCP 47, for a PDF reader that reads aloud: "en". */
  readonly language: string;
  readonly title: string;
  readonly verdict: string;
  readonly facts: readonly string[];
  /** Label, probability from 0 to 1 and that in words, likeliest first. */
  readonly probabilities: readonly (readonly [string, number, string])[];
  /** What is to be read before all else: that a person has to read the tracing, that the rhythm changes. */
  readonly alerts: readonly string[];
  /** What the whole of a long recording is: how many stretches, and the first `shown` of them in words. */
  readonly overTime?: { readonly stretches: number; readonly inWords: (shown: number) => string };
  readonly remarks: readonly string[];
  readonly notADevice: string;
  readonly scale: (mmPerMv: number) => string;
}
