/** The tracing in a browser, on a page with nothing else: what fingers and keys do, how it reads, what the sheet is. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { createServer, type ViteDevServer } from "vite";

const PHONE = { viewport: { width: 412, height: 915 }, deviceScaleFactor: 2.625, isMobile: true, hasTouch: true };

let server: ViteDevServer;
test.beforeAll(async () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  server = await createServer({ root, configFile: false, logLevel: "error", server: { port: 0, host: "127.0.0.1" } });
  await server.listen();
});
test.afterAll(() => server.close());

async function open(page: Page, query = ""): Promise<void> {
  await page.goto(`${server.resolvedUrls?.local[0]}tests/tracing/page.html?${query}`);
  await expect(page.locator(".tracing canvas").first()).toBeAttached();
}

const status = (page: Page) => page.locator(".tracing-status");
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

test.describe("on a phone", () => {
  test.use(PHONE);

  test("all leads stand below each other, and a double tap goes near and back", async ({ page }) => {
    await open(page, "without=V6&wild=6");
    await expect(page.locator(".tracing-labels > span")).toHaveCount(11);
    await expect(page.locator(".tracing-labels")).toContainText("V3(cut off)");
    await expect(status(page)).toContainText("Not recorded: V6");
    const fitted = await status(page).textContent();
    const view = page.locator(".tracing-image");
    for (const nearer of [true, false]) {
      for (const _ of [1, 2]) await view.tap({ position: { x: 20, y: 300 } });
      if (nearer) await expect(status(page)).not.toHaveText(fitted ?? "");
      else await expect(status(page)).toHaveText(fitted ?? "");
    }
  });

  test("the grid is whole device pixels, also where tiles meet", async ({ page }) => {
    await open(page);
    for (let step = 0; step < 5; step++) await press(page, "Zoom in");
    await page.waitForTimeout(1000);
    await page.addStyleTag({ content: ".tracing-labels { visibility: hidden }" });
    const shot = (await page.locator(".tracing-view").screenshot()).toString("base64");
    const rare = await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes]));
      const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
      if (!context) throw new Error("no canvas");
      context.drawImage(picture, 0, 0);
      const { data } = context.getImageData(100, 100, picture.width - 200, picture.height - 200);
      let blurred = 0;
      // Paper, thin line, thick line, and the grey to black of a trace: a blurred line is a pink between them.
      const pinks = ["255,248,246", "244,195,190", "231,156,149"];
      for (let at = 0; at < data.length; at += 4) {
        if ((data[at] ?? 0) > 225 && !pinks.includes(data.slice(at, at + 3).join(","))) blurred++;
      }
      return blurred / (data.length / 4);
    }, shot);
    expect(rare).toBeLessThan(0.005);
  });

  test("an upward swipe scrolls the page when all leads are seen, and the paper when not", async ({
    page,
    context,
  }) => {
    await open(page);
    const cdp = await context.newCDPSession(page);
    const swipe = { x: 200, y: 500, yDistance: -200, gestureSourceType: "touch", speed: 1500 } as const;
    await cdp.send("Input.synthesizeScrollGesture", swipe);
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(50); // a swipe's first part is its recognition
    await page.evaluate(() => scrollTo(0, 0));
    for (let step = 0; step < 5; step++) await press(page, "Zoom in");
    const first = page.locator(".tracing-labels > span").first();
    const before = await first.boundingBox();
    await cdp.send("Input.synthesizeScrollGesture", swipe);
    expect((await first.boundingBox())?.y).toBeLessThan((before?.y ?? 0) - 100);
    expect(await page.evaluate(() => scrollY)).toBe(0);
    // At the paper's end the page goes on, so that a finger is never caught.
    for (let round = 0; round < 12; round++) await cdp.send("Input.synthesizeScrollGesture", swipe);
    expect(await page.evaluate(() => scrollY)).toBeGreaterThan(100);
  });

  test("a pinch zooms about the fingers", async ({ page, context }) => {
    await open(page, "seconds=60");
    const scale = status(page).locator("span").first();
    const before = Number.parseInt((await scale.textContent())?.split(", ")[2] ?? "", 10);
    const cdp = await context.newCDPSession(page);
    for (let step = 0; step <= 10; step++) {
      const touchPoints = [150 - 5 * step, 250 + 5 * step].map((x, id) => ({ x, y: 400, id }));
      await cdp.send("Input.dispatchTouchEvent", { type: step === 0 ? "touchStart" : "touchMove", touchPoints });
    }
    await cdp.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    const after = Number.parseInt((await scale.textContent())?.split(", ")[2] ?? "", 10);
    expect(after / before).toBeCloseTo(2, 1);
    expect(await page.evaluate(() => visualViewport?.scale)).toBe(1);
  });

  test("moving and zooming an hour keeps pace with a plain layer, on a quarter of the processor", async ({
    page,
    context,
  }) => {
    test.slow();
    const cdp = await context.newCDPSession(page);
    /** Milliseconds that 95 of 100 frames take at most, while something is done once a frame. */
    const p95 = (what: "plain" | "pan" | "zoom") =>
      page.evaluate(async (what) => {
        const image = document.querySelector<HTMLElement>(".tracing-image") ?? document.createElement("div");
        image.setPointerCapture = () => {};
        if (what === "plain") {
          image.style.cssText = "position:fixed;inset:0;background:linear-gradient(red,blue);will-change:transform";
          document.body.append(image);
        }
        const finger = (type: string, clientX: number) =>
          image.dispatchEvent(new PointerEvent(type, { pointerId: 1, clientX, clientY: 400 }));
        const wheel = (deltaY: number) =>
          image.dispatchEvent(
            new WheelEvent("wheel", { deltaY, clientX: 200, clientY: 400, ctrlKey: true, cancelable: true }),
          );
        if (what === "pan") finger("pointerdown", 400);
        const times: number[] = [];
        for (let frame = 0; frame <= 100; frame++) {
          times.push(await new Promise<number>(requestAnimationFrame));
          if (what === "plain") image.style.transform = `translateX(${-frame * 12}px)`;
          if (what === "pan") finger("pointermove", 400 - frame * 12);
          if (what === "zoom") wheel(frame % 50 < 25 ? -6 : 6);
        }
        if (what === "pan") finger("pointercancel", 0);
        const gaps = times.slice(1).map((time, at) => time - (times[at] as number));
        return gaps.sort((a, b) => a - b)[94] as number;
      }, what);
    // The best of three rounds each: other programs want the processor too.
    const best = { plain: Number.POSITIVE_INFINITY, pan: Number.POSITIVE_INFINITY, zoom: Number.POSITIVE_INFINITY };
    for (let round = 0; round < 3; round++) {
      await page.goto("about:blank");
      await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
      best.plain = Math.min(best.plain, await p95("plain"));
      await open(page, "seconds=3600&rate=500");
      for (const what of ["pan", "zoom"] as const) best[what] = Math.min(best[what], await p95(what));
    }
    test.info().annotations.push({ type: "95th percentile, ms", description: JSON.stringify(best) });
    const allowed = 3 * Math.max(best.plain, 33.4); // of two frames at least: steps of one are too coarse for a ratio
    expect(best.pan).toBeLessThan(allowed);
    expect(best.zoom).toBeLessThan(allowed);
  });

  test("what is drawn is not drawn again", async ({ page }) => {
    await open(page, "seconds=3600&rate=500");
    const drawn = await page.evaluate(async () => {
      const image = document.querySelector<HTMLElement>(".tracing-image");
      if (!image) throw new Error("no tracing");
      image.setPointerCapture = () => {};
      const finger = (type: string, clientX: number) =>
        image.dispatchEvent(new PointerEvent(type, { pointerId: 1, clientX, clientY: 400 }));
      let tiles = 0;
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) tiles += addedNodes.length;
      }).observe(image, { childList: true, subtree: true });
      const frame = () => new Promise(requestAnimationFrame);
      finger("pointerdown", 400);
      const move = async (frames: number, step: number) => {
        const before = tiles;
        for (let k = 1; k <= frames; k++) {
          finger("pointermove", 400 - step * (k % 2));
          await frame();
        }
        return tiles - before;
      };
      const first = await move(20, 300);
      await new Promise((later) => setTimeout(later, 1000)); // what is around the view is drawn then
      return { first, again: await move(40, 4) };
    });
    expect(drawn.first).toBeGreaterThan(0);
    expect(drawn.again).toBeLessThan(drawn.first / 4); // a tile or two may have been still to draw
  });
});

test("calipers are read and moved by the keyboard alone", async ({ page }) => {
  await open(page);
  await press(page, "Calipers");
  const line = page.getByRole("slider", { name: "First time line" });
  const ms = async () => Number.parseInt((await line.getAttribute("aria-valuetext")) ?? "", 10);
  const before = await ms();
  await line.focus();
  for (let step = 0; step < 10; step++) await page.keyboard.press("ArrowRight");
  await expect.poll(ms).toBe(before - 40);
  await page.keyboard.press("Shift+ArrowLeft");
  await expect.poll(ms).toBe(before);
  await expect(page.locator(".tracing-readout")).toContainText(`${before} ms`);
  const sliders = page.getByRole("slider");
  await expect(sliders).toHaveCount(4);
  for (const handle of await page.locator(".tracing-handle").all()) {
    const box = await handle.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
  }
  const voltage = page.getByRole("slider", { name: "Second voltage line" });
  const box = await voltage.locator(".tracing-handle").boundingBox();
  const was = await voltage.getAttribute("aria-valuetext");
  await page.mouse.move((box?.x ?? 0) + 22, (box?.y ?? 0) + 22);
  await page.mouse.down();
  await page.mouse.move((box?.x ?? 0) + 22, (box?.y ?? 0) + 72, { steps: 4 });
  await page.mouse.up();
  await expect(voltage).not.toHaveAttribute("aria-valuetext", was ?? "");
});

test("calipers keep what they measure when a phone is turned, and stay in the window", async ({ page }) => {
  await page.setViewportSize({ width: 412, height: 600 });
  await open(page, "seconds=30");
  await page.locator("main").evaluate((main) => {
    main.style.paddingTop = "300px";
  });
  await press(page, "Calipers");
  const readout = page.locator(".tracing-readout");
  const inWindow = async () => {
    const parts = [readout, ...(await page.locator(".tracing-handle").all())];
    const boxes = await Promise.all(parts.map((part) => part.boundingBox()));
    return boxes.every((box) => box && box.y >= 0 && box.y + box.height <= (page.viewportSize()?.height ?? 0));
  };
  await expect.poll(inWindow).toBe(true);
  const measured = (await readout.textContent()) ?? "";
  for (const size of [
    { width: 900, height: 500 },
    { width: 412, height: 600 },
    { width: 700, height: 900 },
  ]) {
    await page.setViewportSize(size);
    await expect(page.locator(".tracing")).toHaveAttribute("data-layout", size.width < 640 ? "scroll" : "sheet");
    await expect(readout).toHaveText(measured);
    await expect.poll(() => page.locator(".tracing-line:visible").count()).toBeGreaterThanOrEqual(2);
  }
});

test("a drag that leaves the tracing selects no text", async ({ page }) => {
  await open(page);
  await page.evaluate(() => document.body.append("Text of the page, below the tracing."));
  await press(page, "Calipers");
  const box = await page.locator(".tracing-handle").first().boundingBox();
  await page.mouse.move((box?.x ?? 0) + 22, (box?.y ?? 0) + 22);
  await page.mouse.down();
  await page.mouse.move(300, 10000, { steps: 5 });
  await page.mouse.up();
  expect(await page.evaluate(() => String(getSelection()))).toBe("");
});

test("tall beats are drawn beyond their row, a lead gone wild is not", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  /** Ink of the trace between 32 and 38 mm below V3's baseline, where V3 alone can be. */
  const ink = async (query: string): Promise<number> => {
    await open(page, `${query}&without=I,II,III,aVR,aVL,aVF,V1,V2,V4,V5,V6`);
    await press(page, "Strips");
    await page.waitForTimeout(500);
    const shot = (await page.locator(".tracing-pane").screenshot()).toString("base64");
    return page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes]));
      const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
      if (!context) throw new Error("no canvas");
      context.drawImage(picture, 0, 0);
      // One lead: 30 mm of paper, the baseline in its middle.
      const mm = picture.height / 30;
      const { data } = context.getImageData(60, Math.round(3.5 * mm), picture.width - 70, Math.round(1 * mm));
      return data.filter((value, at) => at % 4 === 0 && value < 90).length;
    }, shot);
  };
  // 2.3 mV at 5 mm/mV are 11.5 mm: beyond the 10 mm of a row that is cut.
  expect(await ink("wild=2.45")).toBeGreaterThan(0);
  expect(await ink("wild=9")).toBe(0);
});

test("how it is looked at can be given to a later tracing", async ({ page }) => {
  await open(page, "seconds=60");
  await press(page, "Strips");
  for (let step = 0; step < 3; step++) await press(page, "Zoom in");
  await page.locator(".tracing-image").focus();
  await page.keyboard.press("End");
  await expect(status(page)).toContainText("to 60.0 s of 60 s");
  const before = await status(page).textContent();
  await page.evaluate(() => window.again());
  await expect(status(page)).toHaveText(before ?? "");
});

test("keys zoom, fit and move the paper", async ({ page }) => {
  await open(page, "seconds=60");
  const fitted = (await status(page).textContent()) ?? "";
  await page.locator(".tracing-image").focus();
  await page.keyboard.press("+");
  await expect(status(page)).not.toHaveText(fitted);
  await page.keyboard.press("End");
  await expect(status(page)).toContainText("to 60.0 s of 60 s");
  await page.keyboard.press("0");
  await page.keyboard.press("Home");
  await expect(status(page)).toHaveText(fitted);
});

for (const theme of ["light", "dark"]) {
  test(`axe finds nothing, and the trace stands out from the paper: ${theme}`, async ({ page }) => {
    await open(page, `theme=${theme}`);
    await press(page, "Calipers");
    const { violations } = await new AxeBuilder({ page }).include(".tracing").analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    const contrast = await page.evaluate(() => {
      const luminance = (name: string): number => {
        const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim().slice(1);
        const [r, g, b] = [0, 2, 4]
          .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
          .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)) as [
          number,
          number,
          number,
        ];
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
      };
      const [paper, trace] = [luminance("--paper"), luminance("--trace")];
      return Math.max(paper, trace) / Math.min(paper, trace);
    });
    expect(contrast).toBeGreaterThanOrEqual(7);
  });
}

test("in a right-to-left document the toolbar is mirrored and the tracing is not", async ({ page }) => {
  await open(page, "lang=ar");
  const [zoom, calipers] = await Promise.all(
    ["Zoom in", "Calipers"].map((name) => page.getByRole("button", { name, exact: true }).boundingBox()),
  );
  expect(zoom?.x).toBeGreaterThan(calipers?.x ?? 0);
  await expect(page.locator(".tracing-view")).toHaveCSS("direction", "ltr");
});

for (const language of ["en", "ar"]) {
  test(`the sheet is one A4 page of true size: ${language}`, async ({ page }) => {
    await open(page, `lang=${language}&seconds=12&without=aVL`);
    const pdf = Buffer.from(await page.evaluate(() => window.sheet("pdf")), "base64");
    const png = Buffer.from(await page.evaluate(() => window.sheet("png")), "base64");
    expect(pdf.length).toBeLessThan(500_000);
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([3508, 2480]);
    expect(png.toString("latin1", 37, 41)).toBe("pHYs");

    const poppler = spawnSync("pdftoppm", ["-v"]).status === 0;
    test.skip(!poppler, "poppler-utils are not installed: the PDF was made but not read by another program");
    const path = join(mkdtempSync(join(tmpdir(), "ecglite-sheet-")), "sheet.pdf");
    writeFileSync(path, pdf);
    const facts = execFileSync("pdfinfo", [path], { encoding: "utf8" });
    expect(facts).toMatch(/^Pages: +1$/m);
    expect(facts).toMatch(/^Page size: .*\(A4\)$/m);
    expect(facts).toMatch(language === "en" ? /^Title: +ecglite · JS00042/m : /^Title: +تخطيط القلب/m);

    // Ten pixels a millimetre: the calibration pulse of the first row is 10 mm high and 5 mm wide.
    execFileSync("pdftoppm", ["-r", "254", "-gray", "-singlefile", path, path.replace(".pdf", "")]);
    const pgm = readFileSync(path.replace(".pdf", ".pgm"));
    const [, width = 0, height = 0] = /^P5\s(\d+)\s(\d+)/.exec(pgm.toString("latin1", 0, 20))?.map(Number) ?? [];
    expect(Math.abs(width - 2970) + Math.abs(height - 2100)).toBeLessThanOrEqual(2);
    const at = pgm.length - width * height;
    const darkest = (xMm: number, yMm: number): number => {
      const around = [-2, -1, 0, 1, 2].flatMap((dx) => [-2, -1, 0, 1, 2].map((dy) => [dx, dy] as const));
      return Math.min(...around.map(([dx, dy]) => pgm[at + (yMm * 10 + dy) * width + xMm * 10 + dx] ?? 255));
    };
    for (const [x, y] of [
      [20, 60],
      [17.5, 65],
      [22.5, 65],
      [16.8, 70],
    ] as const) {
      expect(darkest(x, y), `ink at ${x} mm, ${y} mm`).toBeLessThan(80);
    }
    expect(darkest(20, 65.5), "no ink within the pulse").toBeGreaterThan(150);

    expect(facts).toMatch(/^Tagged: +yes$/m);
    const read = execFileSync("pdftotext", ["-layout", path, "-"], { encoding: "utf8" }).normalize("NFKC");
    // Arabic stands there too, but this program gives it back to front
    const english = [
      "Atrial fibrillation, 87 % likely",
      "Heart rate 112 bpm",
      "Not a medical device:",
      "25 mm/s, 10 mm/mV",
    ];
    for (const words of language === "en" ? english : ["JS00042.csv", "aVR"]) expect(read).toContain(words);
    // the text lies on its picture
    const boxes = execFileSync("pdftotext", ["-bbox", path, "-"], { encoding: "utf8" });
    const [, left, bottom] =
      /xMin="([\d.]+)" yMin="[\d.]+" xMax="[\d.]+" yMax="([\d.]+)">aVR</.exec(boxes)?.map(Number) ?? [];
    const mm = (points = Number.NaN) => (points * 25.4) / 72;
    const inked = [0, 1, 2, 3, 4, 5, 6].map((right) =>
      darkest(Math.round(mm(left)) + right, Math.round(mm(bottom)) - 2),
    );
    expect(Math.min(...inked), `ink where aVR is said to be, ${mm(left)} mm, ${mm(bottom)} mm`).toBeLessThan(80);

    // whoever has it read aloud hears all of it
    const structure = execFileSync("pdfinfo", ["-struct-text", path], { encoding: "utf8" });
    expect(structure).toContain("Figure");
    const alt = /\/Alt <feff([0-9a-f]+)>/.exec(pdf.toString("latin1"))?.[1] ?? "";
    const heard = Buffer.from(alt, "hex").swap16().toString("utf16le");
    const heardOf =
      language === "en"
        ? ["87 % likely", "Heart rate 112 bpm", "no signal from"]
        : ["87 %", "112 نبضة", "لا توجد إشارة"];
    for (const words of heardOf) expect(heard).toContain(words);
    expect(pdf.toString("latin1")).toContain("/MarkInfo << /Marked true >>");
  });
}
