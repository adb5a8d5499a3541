/** Opens a page in Chromium and collects its results and problems. */

import { chromium } from 'playwright';

/** Results of the programs of `fixtures/browser`, by name. */
export type Results = Record<string, { computed: unknown; expected: unknown }>;

export interface ChromiumOptions {
  readonly executablePath: string | undefined;
  readonly args: readonly string[];
}

/** Opens the page and waits for `globalThis.results`. */
export async function openInChromium(
  url: string,
  { executablePath, args }: ChromiumOptions,
): Promise<{ results: Results; problems: string[] }> {
  if (!executablePath) throw new Error('no Chromium: npm test installs it on Debian; else set CHROME_PATH');
  const browser = await chromium.launch({ executablePath, args: [...args] });
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    let loaded = 0;
    page.on('load', () => {
      if (++loaded > 1) problems.push('the page was reloaded: its imports were not ready');
    });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('requestfailed', (request) => problems.push(`not loaded: ${request.url()}`));
    page.on('response', (response) => {
      if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
    });
    page.on('console', (message) => {
      const known = message.text().startsWith('Failed to load resource'); // does not name the resource
      if (['error', 'warning'].includes(message.type()) && !known) problems.push(message.text());
    });
    await page.goto(url);
    const done = await page.waitForFunction(() => (globalThis as { results?: Results }).results, undefined, {
      timeout: 120_000,
    });
    return { results: (await done.jsonValue())!, problems };
  } finally {
    await browser.close();
  }
}

/** The script of a page that runs programs in turn; errors are results too. */
export function mainProgram(ids: readonly string[]): string {
  const imports = ids.map((id, i) => `import * as program${i} from './${id}.js';`);
  const entries = ids.map((id, i) => `['${id}', program${i}]`);
  return `${imports.join('\n')}
const results = {};
for (const [id, { compute, expected }] of [${entries.join(', ')}]) {
  try {
    results[id] = { computed: await compute(), expected };
  } catch (error) {
    results[id] = { computed: String(error.stack ?? error), expected };
  }
}
globalThis.results = results;
`;
}

/** The page of `main.js`. */
export const mainPage =
  '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>';
