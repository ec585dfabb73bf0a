import { describe, expect, it } from "vitest";
import {
  amplitudeZoom,
  clamped,
  measured,
  snapped,
  stageOf,
  TRUE_PX_PER_MM,
  toPaper,
  toView,
  zoomedTo,
} from "../../src/tracing/geometry";
import { SHEET, scrollLayout, sheetStrips, sheetsLayout } from "../../src/tracing/layout";
import { isCut, Leads } from "../../src/tracing/leads";
import { simulated } from "./simulated";

const PHONE = { width: 400, height: 700 };

function hour() {
  const paper = { width: 15 + 3600 * 25, height: 250 };
  return stageOf(paper, PHONE, 2.625, true);
}

describe("camera", () => {
  it("shows a time where 25 mm of paper a second put it", () => {
    const { paper, xOf } = scrollLayout(new Leads(simulated({ seconds: 60 })));
    const stage = stageOf(paper, PHONE, 1, true);
    const camera = clamped({ x: 100, y: 0, zoom: TRUE_PX_PER_MM * 2 }, stage);
    const seconds = 5;
    const x = toView(camera, stage, { x: xOf(seconds), y: 0 }).x;
    expect(x).toBeCloseTo((10 + 125 - 100) * 2 * (96 / 25.4), 9);
    expect(toPaper(camera, stage, { x, y: 0 }).x).toBeCloseTo(135, 9);
  });

  it("fits all leads, with every 5 mm on a whole device pixel", () => {
    const stage = hour();
    expect(stage.fit * 250).toBeLessThanOrEqual(700);
    expect(stage.fit * 5 * 2.625).toBeCloseTo(Math.round(stage.fit * 5 * 2.625), 9);
    expect(snapped(3.77, 1)).toBe(3.8);
  });

  it("zooms about a point", () => {
    const stage = hour();
    const camera = clamped({ x: 5000, y: 0, zoom: 6 }, stage);
    const at = { x: 130, y: 300 };
    const before = toPaper(camera, stage, at);
    const after = toPaper(zoomedTo(camera, stage, 9, at), stage, at);
    expect(after.x).toBeCloseTo(before.x, 9);
    expect(after.y).toBeCloseTo(before.y, 9);
  });

  it("keeps to the paper and to its limits", () => {
    const stage = hour();
    const near = clamped({ x: -50, y: 900, zoom: 1e6 }, stage);
    expect(near.zoom).toBeCloseTo(8 * TRUE_PX_PER_MM, 9);
    expect(near.x).toBe(0);
    expect(near.y).toBeCloseTo(250 - 700 / near.zoom, 9);
    const far = clamped({ x: 1e9, y: 0, zoom: 0 }, stage);
    expect(far.zoom * stage.paper.width).toBeCloseTo(PHONE.width, 6);
    expect(far.x).toBeCloseTo(0, 6);
    // Only time shrinks: the leads still fill the height.
    expect(amplitudeZoom(far.zoom, stage)).toBe(stage.fit);
  });

  it("centres paper that is smaller than the view", () => {
    const stage = stageOf({ width: 100, height: 130 }, { width: 1000, height: 400 }, 1, false, 100);
    const { x, zoom } = clamped({ x: 0, y: 0, zoom: stage.fit }, stage);
    expect(-x * zoom).toBeCloseTo((1000 - 100 * zoom) / 2, 9);
  });
});

describe("calipers", () => {
  it("read ms, bpm and mV from the paper under them", () => {
    const stage = hour();
    for (const zoom of [1.3, TRUE_PX_PER_MM, 11]) {
      const camera = clamped({ x: 777, y: 3, zoom }, stage);
      const from = toPaper(camera, stage, { x: 40, y: 50 });
      const to = toPaper(camera, stage, { x: 40 + 20 * camera.zoom, y: 50 - 15 * amplitudeZoom(camera.zoom, stage) });
      const layout = scrollLayout(new Leads(simulated()));
      const { ms, bpm, mv } = measured([layout.secondsAt(to.x), layout.secondsAt(from.x)], [from.y / 10, to.y / 10]);
      expect(ms).toBeCloseTo(800, 6);
      expect(bpm).toBeCloseTo(75, 6);
      expect(mv).toBeCloseTo(1.5, 6);
    }
  });
});

describe("layout", () => {
  it("is the sheet of the printed report: 3 rows of 4 leads by 2.5 s and a strip of II", () => {
    const strips = sheetStrips(new Leads(simulated({ seconds: 12, without: ["V6"] })), 1, 10);
    expect(strips.map(({ lead }) => lead).join(" ")).toBe("I aVR V1 V4 II aVL V2 V5 III aVF V3 V6 II");
    expect(strips.map(({ x }) => x).slice(0, 4)).toEqual([15, 77.5, 140, 202.5]);
    expect(strips.map(({ y }) => y).filter((_, at) => at % 4 === 0)).toEqual([25, 55, 85, 115]);
    expect(strips.map(({ trace }) => trace?.first).slice(0, 4)).toEqual([500, 1750, 3000, 4250]);
    expect(strips[11]?.trace).toBeUndefined();
    expect(strips[12]?.trace?.last).toBe(500 + 5000);
  });

  it("lets columns overlap where less than ten seconds are left, and takes another lead where there is no II", () => {
    const strips = sheetStrips(
      new Leads(simulated({ seconds: 5, without: ["II", "III", "aVR", "aVL", "aVF"] })),
      0,
      10,
    );
    expect(
      strips
        .map(({ trace }) => trace?.first)
        .filter((first) => first !== undefined)
        .slice(0, 3),
    ).toEqual([0, 1250, 1250]);
    expect(strips.at(-1)?.lead).toBe("I");
    expect(strips.at(-1)?.width).toBe(125);
  });

  it("puts sheets side by side", () => {
    const layout = sheetsLayout(new Leads(simulated({ seconds: 30.1, rateHz: 100 })));
    expect(layout.paper.width).toBe(4 * SHEET.width);
    expect(layout.strips(SHEET.width + 1, SHEET.width + 2)[0]?.trace?.first).toBe(1000);
    expect(layout.strips(0, 1e9)).toHaveLength(4 * 13);
  });

  it("tells seconds of the recording from places, and back, on either layout", () => {
    const leads = new Leads(simulated({ seconds: 30, rateHz: 100 }));
    for (const layout of [scrollLayout(leads), sheetsLayout(leads)]) {
      for (const seconds of [0, 3.3, 9.9, 10, 29.99]) {
        expect(layout.secondsAt(layout.xOf(seconds))).toBeCloseTo(seconds, 9);
      }
    }
    expect(sheetsLayout(leads).secondsAt(SHEET.width - 1)).toBe(10);
    expect(sheetsLayout(leads).secondsAt(SHEET.width + 1)).toBe(10);
  });

  it("leaves out absent leads below each other, and derives the limb leads from two of them", () => {
    const whole = simulated({ seconds: 10 });
    const two = simulated({ seconds: 10, without: ["III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5"] });
    const leads = new Leads(two);
    const { strips, paper } = scrollLayout(leads);
    expect(
      strips(0, 0)
        .map(({ lead, trace }) => lead + (trace?.derived ? "*" : ""))
        .join(" "),
    ).toBe("I II III* aVR* aVL* aVF* V6");
    expect(paper.height).toBe(150);
    expect(leads.absent).toEqual(["V1", "V2", "V3", "V4", "V5"]);
    const [one, other] = [whole.signalMv[0], whole.signalMv[1]];
    const samples = leads.trace("aVR", 0, 10, 10)?.pyramid.samples;
    expect(samples?.[777]).toBeCloseTo(-((one?.[777] ?? 9) + (other?.[777] ?? 9)) / 2, 6);
  });
});

describe("tall beats", () => {
  it("are at half gain from 2.5 mV on, and never cut within 5 mV", () => {
    const ordinary = new Leads(simulated());
    expect(ordinary.mmPerMv).toBe(10);
    // V3 is -1.1 to 0.95 mV high: here about 3.9 and 3.3 mV.
    const tall = new Leads(simulated({ wild: 3.5 }));
    expect(tall.mmPerMv).toBe(5);
    expect(tall.trace("V3", 0, 10, 5)?.wild).toEqual([false]);
  });

  it("are cut at their row where a lead has gone wild, which leaves the others' gain as it is", () => {
    const leads = new Leads(simulated({ wild: 6, gapS: [3, 3.4] }));
    expect(leads.mmPerMv).toBe(10);
    expect(leads.trace("V3", 0, 10, 10)?.wild).toEqual([true]);
    expect(leads.trace("V2", 0, 10, 10)?.wild).toEqual([false]);
    expect(Math.abs(leads.trace("V2", 0, 10, 10)?.baselineMv ?? 9)).toBeLessThan(0.1);
  });

  it("are cut only in those ten seconds that are wild", () => {
    const record = simulated({ seconds: 30, rateHz: 100 });
    record.signalMv[8]?.fill(7, 1500, 1520);
    const trace = new Leads(record).trace("V3", 0, 30, 10);
    expect(trace?.wild).toEqual([false, true, false]);
    if (!trace) return;
    expect(isCut(trace, 0, 1000)).toBe(false);
    expect(isCut(trace, 500, 1001)).toBe(true);
    expect(isCut(trace, 2000, 3000)).toBe(false);
  });

  it("have the gain of most of a long recording", () => {
    const record = simulated({ seconds: 30, rateHz: 100 });
    record.signalMv[8]?.fill(3, 1500, 1520);
    const leads = new Leads(record);
    expect(leads.mmPerMv).toBe(10);
    expect(leads.gain(10, 10)).toBe(5);
  });
});
