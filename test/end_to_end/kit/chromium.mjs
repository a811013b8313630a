// Debian's Chromium, headless, with a profile of its own that goes with the test.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const executablePath = '/usr/bin/chromium';
/// For node:test's `skip`: CI must have it.
export const skip = !existsSync(executablePath) && !process.env.CI && 'chromium is not installed';

// As root, on a machine without a way out: without these flags it looks for updates at every start.
const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/// `more`: Playwright's options of a browser context.
export async function startChromium(hooks, more = {}) {
  const profile = mkdtempSync(join(tmpdir(), 'gatehouse-chromium-'));
  let browser;
  // One hook: hooks run in the order in which they were set, and a browser that still runs writes into its profile.
  hooks.after(async () => {
    await browser?.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  browser = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args, ...more });
  return browser;
}
