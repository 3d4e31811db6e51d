import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const HOW_TO_GET_IT = 'Install Debian\'s package "chromium", or set CHROMIUM_PATH to a Chromium.';

/** Whether the browser tests can run. Where they must, with CI=true, this says yes, and they fail without a browser. */
export function canBrowse(): boolean {
  if (findChromium() || process.env['CI'] === 'true') return true;
  console.warn(`The browser tests of the sample are SKIPPED: there is no Chromium. ${HOW_TO_GET_IT}`);
  return false;
}

/** A browser with a profile of its own, which goes with it. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(`There is no Chromium. ${HOW_TO_GET_IT}`);
  return chromium.launch({ executablePath, args: ARGS });
}

function findChromium(): string | undefined {
  const { CHROMIUM_PATH, PATH = '' } = process.env;
  const candidates = CHROMIUM_PATH
    ? [CHROMIUM_PATH]
    : PATH.split(delimiter).map((directory) => join(directory, 'chromium'));
  return candidates.find((path) => existsSync(path));
}
