/** Nothing leaves the device: the policy stops what would, and the first load is small. */
import { expect, readyOffline, test, watch } from "./app";

/** Of the page with all that it keeps for offline, as its server sends it. */
const MAX_FIRST_LOAD = 4_000_000;

test("the policy stops every way out, and the tests would see it", async ({ browser, server }) => {
  const context = await browser.newContext(); // not the test's own, in which nothing may go wrong
  const page = await context.newPage();
  const seen = watch(context);
  await page.goto(server.address);
  await expect(page.locator("h1")).toBeVisible();
  expect(seen).toEqual([]);
  await page.evaluate((url) => {
    const violated = new Set<string>();
    document.addEventListener("securitypolicyviolation", (event) => violated.add(event.effectiveDirective));
    Object.assign(window, { violated });
    const add = (tag: string, set: object) => document.body.append(Object.assign(document.createElement(tag), set));
    fetch(url).catch(() => undefined);
    add("img", { src: `${url}a.png` });
    add("script", { src: `${url}a.js` });
    add("script", { textContent: "document.title = 'inline'" });
    add("link", { rel: "stylesheet", href: `${url}a.css` });
    add("iframe", { src: url });
    add("video", { src: `${url}a.mp4`, preload: "auto" });
    const form = Object.assign(document.createElement("form"), { action: url, method: "post" });
    document.body.append(form);
    form.submit();
  }, "http://localhost.invalid/");
  const policies = ["connect", "form", "frame", "img", "media", "script", "style"];
  const violated = () =>
    page.evaluate(() =>
      [...(window as never as { violated: Set<string> }).violated].map((name) => name.split("-")[0]).sort(),
    );
  await expect.poll(violated).toEqual(policies);
  expect(await page.evaluate(() => document.title)).toBe("ecglite");
  expect(seen.filter((one) => one.startsWith("console:")).length).toBeGreaterThanOrEqual(policies.length);
  await context.close();
});

test("the first load, with all that works offline, is under 4 MB", async ({ page, context }) => {
  const sizes: Promise<number>[] = [];
  context.on("requestfinished", (request) => {
    sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
  });
  await page.goto("");
  await readyOffline(page);
  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  test.info().annotations.push({ type: "first load", description: `${total} bytes in ${sizes.length} answers` });
  expect(sizes.length).toBeGreaterThan(30);
  expect(total).toBeLessThan(MAX_FIRST_LOAD);
  expect(total).toBeGreaterThan(MAX_FIRST_LOAD / 4); // else they were not counted
});
