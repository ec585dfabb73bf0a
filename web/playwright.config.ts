/** The tests that need a browser: Chromium as the system has it, or the one that the variable CHROMIUM names. */
import { defineConfig, devices } from "@playwright/test";

const PHONE = {
  viewport: { width: 412, height: 915 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  locale: "en-GB",
  timezoneId: "UTC",
};

export default defineConfig({
  testDir: "tests",
  workers: 1,
  timeout: 60_000, // as long as a busy machine may need
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  projects: [
    { name: "parts", testMatch: "**/*.spec.ts", testIgnore: "app/**", use: { ...devices["Desktop Chrome"] } },
    { name: "app", testMatch: "app/*.spec.ts", use: PHONE },
    { name: "screenshots", testMatch: "app/screenshots.ts", use: PHONE },
  ],
  use: {
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      chromiumSandbox: false,
      args: [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
      ],
    },
  },
});
