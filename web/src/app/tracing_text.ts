/** The words on the tracing and on a sheet, in the app's language. */
import { durationS, type Record } from "../edge/record";
import { list, number, t } from "../i18n";
import { columnsOverlap } from "../tracing/layout";
import type { TracingText } from "../tracing/types";
import { clock } from "./parts";

/** A zoom of one is true size, and within 2 % of it no eye sees another. */
function scale(zoom: number, amplitudeZoom: number, mmPerMv: number): string {
  const gain = number(mmPerMv);
  const [time, amplitude] = [number(zoom, 2), number(amplitudeZoom, 2)];
  if (time !== amplitude) return t("scale_two_zooms", { gain, time: `${time}×`, amplitude: `${amplitude}×` });
  return Math.abs(zoom - 1) <= 0.02 ? t("scale", { gain }) : t("scale_zoomed", { gain, zoom: `${time}×` });
}

/** In the words of `ecglite.edge.tracing`; a recording of over a minute is told by the clock. */
function extent(fromS: number, toS: number, ofS: number, onSheets: boolean): string {
  const stretch =
    ofS > 60
      ? t("extent_clock", { from: clock(fromS), to: clock(toS), of: clock(ofS) })
      : t("extent", { from: number(fromS, 1), to: number(toS, 1), of: number(ofS, 1) });
  const parts = [
    stretch,
    onSheets && columnsOverlap(toS - fromS) && t("extent_overlap"),
    onSheets && toS - fromS < ofS && t("extent_rest"),
  ];
  return parts.filter((part) => part !== false).join(t("semicolon"));
}

/** What the screen and the sheet have in common. */
export const paperText = () => ({
  notRecorded: t("not_recorded"),
  derived: t("derived"),
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
  absent: (leads) => t("leads_absent", { leads: list(leads) }),
  scale,
  seconds: (value) => (value < 60 ? t("seconds", { n: number(value, 1) }) : clock(value)),
  calipers: t("calipers"),
  caliperLines: [t("caliper_time_1"), t("caliper_time_2"), t("caliper_voltage_1"), t("caliper_voltage_2")],
  zoomIn: t("zoom_in"),
  zoomOut: t("zoom_out"),
  fit: t("fit"),
  layout: t("layout"),
  strips: t("layout_strips"),
  sheet: t("layout_sheet"),
  toolbar: t("tracing"),
});
