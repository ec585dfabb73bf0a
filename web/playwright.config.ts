/** The tests that need a browser: Chromium as the system has it, or the one that the variable CHROMIUM names. */
import { defineConfig, devices } from "@playwright/test";

/** The sources, served for pages that exist in tests only. */
export const DEV_URL = "http://127.0.0.1:41873";

export default defineConfig({
  testDir: "tests",
  testMatch: "**/*.spec.ts",
  workers: 1,
  reporter: [["list"]],
  projects: [{ name: "chromium", use: { ...devices["Desktop Chrome"] } }],
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
  webServer: [
    { command: "npx vite --host 127.0.0.1 --port 41873 --strictPort", url: `${DEV_URL}/tests/conformance/page.html` },
  ],
});
