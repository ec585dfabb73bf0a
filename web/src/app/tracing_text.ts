/** The words on the tracing and on a sheet, in the app's language. */
import { durationS, type Record } from "../edge/record";
import { list, number, t } from "../i18n";
import { columnsOverlap } from "../tracing/layout";
import type { TracingText } from "../tracing/types";

/** A zoom of one is true size. */
function scale(zoom: number, amplitudeZoom: number): string {
  const [time, amplitude] = [number(zoom, 2), number(amplitudeZoom, 2)];
  if (time !== amplitude) return t("scale_two_zooms", { time: `${time}×`, amplitude: `${amplitude}×` });
  return time === "1" ? t("scale") : t("scale_zoomed", { zoom: `${time}×` });
}

/** In the words of `ecglite.edge.tracing`. */
function extent(fromS: number, toS: number, ofS: number, onSheets: boolean): string {
  const seconds = t("extent", { from: number(fromS, 1), to: number(toS, 1), of: number(ofS, 1) });
  const parts = [
    seconds,
    onSheets && columnsOverlap(toS - fromS) && t("extent_overlap"),
    onSheets && toS - fromS < ofS && t("extent_rest"),
  ];
  return parts.filter((part) => part !== false).join(t("semicolon"));
}

/** What the screen and the sheet have in common. */
export const paperText = () => ({
  notRecorded: t("not_recorded"),
  cutOff: t("cut_off"),
  extent,
});

export const tracingText = (): TracingText => ({
  ...paperText(),
  label: (record: Record) =>
    t("tracing_label", { leads: list(record.leads), duration: t("seconds", { n: number(durationS(record), 1) }) }),
  ms: (value) => t("ms", { n: number(value) }),
  mv: (value) => t("mv", { n: number(value, 2) }),
  bpm: (value) => t("per_minute", { n: number(value) }),
  scale,
  seconds: (value) => t("seconds", { n: number(value, 1) }),
  calipers: t("calipers"),
  caliperLines: [t("caliper_time_1"), t("caliper_time_2"), t("caliper_voltage_1"), t("caliper_voltage_2")],
  zoomIn: t("zoom_in"),
  zoomOut: t("zoom_out"),
  fit: t("fit"),
  layout: t("layout"),
  toolbar: t("tracing"),
});
