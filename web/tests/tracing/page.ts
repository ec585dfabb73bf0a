/** A page with nothing but the tracing, for tests in a browser: what it shows is asked for in the address. */
import type { Lead } from "../../src/edge/record";
import { sheetPdf } from "../../src/tracing/pdf";
import { sheetPng } from "../../src/tracing/sheet";
import type { SheetText, TracingText } from "../../src/tracing/types";
import { Tracing } from "../../src/tracing/viewer";
import { simulated } from "./simulated";

const asked = new URLSearchParams(location.search);
const number = (name: string, otherwise: number): number => Number(asked.get(name) ?? otherwise);
const arabic = asked.get("lang") === "ar";
document.documentElement.lang = arabic ? "ar" : "en";
document.documentElement.dir = arabic ? "rtl" : "ltr";
if (asked.has("theme")) document.documentElement.dataset.theme = asked.get("theme") ?? "";

const record = simulated({
  seconds: number("seconds", 10),
  rateHz: number("rate", 500),
  without: (asked.get("without")?.split(",") ?? []) as Lead[],
  wild: number("wild", 1),
  ...(asked.has("gap") && { gapS: [3, 3.4] }),
});

const text: TracingText = {
  label: () => "Electrocardiogram, 12 leads",
  notRecorded: "not recorded",
  cutOff: "cut off",
  derived: "derived",
  absent: (leads) => `Not recorded: ${leads.join(", ")}`,
  extent: (from, to, of) => `${from.toFixed(1)} to ${to.toFixed(1)} s of ${of} s`,
  ms: (value) => `${value.toFixed(0)} ms`,
  mv: (value) => `${value.toFixed(2)} mV`,
  bpm: (value) => `${value.toFixed(0)} bpm`,
  scale: (zoom, amplitude, mmPerMv) =>
    `25 mm/s, ${mmPerMv} mm/mV, ${(zoom * 100).toFixed(zoom < 0.1 ? 1 : 0)} %${zoom === amplitude ? "" : " in time"}`,
  seconds: (value) =>
    value < 60 ? `${value} s` : `${Math.floor(value / 60)} min ${value % 60 ? `${value % 60} s` : ""}`,
  calipers: "Calipers",
  caliperLines: ["First time line", "Second time line", "First voltage line", "Second voltage line"],
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  fit: "Fit",
  layout: "Layout",
  strips: "Strips",
  sheet: "Sheet",
  toolbar: "Tracing",
};

const english: SheetText = {
  direction: "ltr",
  language: "en",
  title:
    "ecglite · JS00042_a_very_long_name_of_a_file_that_a_hospital_system_made_on_2024-03-02_at_10-41-07_lead_set_A.csv",
  verdict: "Atrial fibrillation, 87 % likely",
  facts: [
    "Heart rate 112 bpm",
    "12 leads, 500 Hz, 10 s, mV",
    "62 years, female",
    "Signal quality: good",
    "Model rhythm-11 1.2.0, 88 kB",
    "sha256 0f3a9b12c4",
  ],
  probabilities: [
    ["Atrial fibrillation", 0.87, "87 %"],
    ["Atrial flutter", 0.07, "7 %"],
    ["Sinus tachycardia", 0.03, "3 %"],
    ["Supraventricular tachycardia", 0.02, "2 %"],
    ["Sinus irregularity", 0.004, "0.4 %"],
  ],
  alerts: [],
  remarks: [
    "V2: no signal from 3 to 3.4 s. The probabilities are those of a model that was trained on recordings of one country and tested on those of another; a rare rhythm may be missed.",
    "The upper columns show 2.5 s each, one after the other; the strip below shows the whole ten seconds.",
  ],
  notADevice: "Not a medical device: no diagnosis and no decision about treatment may rest on this sheet.",
  notRecorded: text.notRecorded,
  derived: text.derived,
  cutOff: text.cutOff,
  scale: (mmPerMv) => `25 mm/s, ${mmPerMv} mm/mV, baseline removed for display`,
  extent: text.extent,
};

const inArabic: SheetText = {
  ...english,
  direction: "rtl",
  language: "ar",
  title: "تخطيط القلب · JS00042.csv",
  verdict: "رجفان أذيني، الاحتمال 87 %",
  facts: ["معدل القلب 112 نبضة في الدقيقة", "12 اتجاهًا، 500 هرتز، 10 ثوان", "62 سنة، أنثى"],
  probabilities: [
    ["رجفان أذيني", 0.87, "87 %"],
    ["رفرفة أذينية", 0.07, "7 %"],
    ["تسرع القلب الجيبي", 0.03, "3 %"],
  ],
  remarks: ["الاتجاه V2: لا توجد إشارة من 3 إلى 3.4 ثانية. قد لا يُكتشف اضطراب نادر في نظم القلب."],
  notADevice: "ليس جهازًا طبيًا: لا يجوز أن يستند أي تشخيص أو قرار علاجي إلى هذه الورقة.",
  scale: (mmPerMv) => `25 مم/ث، ${mmPerMv} مم/ملي فولت`,
  extent: (from, to, of) => `من ${from} إلى ${to} ث من ${of} ث`,
};

const host = document.querySelector("main");
let tracing = host && new Tracing(host, record, text, { startS: number("start", 0) });

declare global {
  interface Window {
    /** The sheet's bytes in base64, for a test to write to a file. */
    sheet: (format: "png" | "pdf") => Promise<string>;
    /** Takes the tracing away and puts another in its place, to be looked at in the same way. */
    again: () => void;
  }
}

window.again = () => {
  if (!host || !tracing) return;
  const { state } = tracing;
  tracing.destroy();
  tracing = new Tracing(host, record, text, state);
};

window.sheet = async (format) => {
  const words = arabic ? inArabic : english;
  const blob = format === "pdf" ? await sheetPdf(record, words) : await sheetPng(record, words);
  let bytes = "";
  for (const byte of new Uint8Array(await blob.arrayBuffer())) bytes += String.fromCharCode(byte);
  return btoa(bytes);
};
