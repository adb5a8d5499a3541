// Firefox for the browser tests, unchanged from Mozilla or Debian. Vitest and its page talk over a WebSocket of their own, so
// nothing has to drive the browser: it opens one page. That needs no package, where WebDriver needs a client and geckodriver,
// and Playwright a Firefox of its own.
import { defineBrowserProvider } from '@vitest/browser';
import { existsSync } from 'node:fs';
import { browserPlaces } from '../testing/platform.mjs';
import { openFirefox } from '../testing/open-firefox.mjs';

/** Path of the executable, or undefined. FIREFOX_PATH names another one. */
export function findFirefox() {
  const wanted = process.env.FIREFOX_PATH;
  if (wanted) return existsSync(wanted) ? wanted : undefined;
  return browserPlaces.firefox.find((path) => existsSync(path));
}

export function requireFirefox() {
  const path = findFirefox();
  if (path) return path;
  throw new Error('no Firefox: install it (on Debian the package firefox-esr) or set FIREFOX_PATH');
}

/** Vitest's provider, for `instances: [{ browser: 'firefox' }]`. */
export function firefoxProvider(executable) {
  return defineBrowserProvider({
    name: 'firefox',
    supportedBrowser: ['firefox'],
    providerFactory: () => {
      const closings = [];
      return {
        name: 'firefox',
        supportsParallelism: false,
        getCommandsContext: () => ({}),
        openPage: async (_session, url) => void closings.push(await openFirefox(executable, url)),
        close: async () => void (await Promise.all(closings.splice(0).map((close) => close()))),
      };
    },
  });
}
