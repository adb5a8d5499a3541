// The one Vitest configuration of the workspace: tests run on source through the scoped export condition. Files named
// `*.browser.test.ts` run in Chromium, all others in Node.
import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { configDefaults, defineConfig } from 'vitest/config';
import { chromiumFlags, findChromium } from './chromium.js';

const source = '@patchslim/source';
const browserTests = ['src/**/*.browser.test.ts', 'test/**/*.browser.test.ts'];

const resolution = {
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
};
const shared = {
  env: { ORT_DISABLE_TELEMETRY: '1' }, // for tests that load ONNX Runtime themselves
  testTimeout: 120_000, // a busy machine is no failure; what hangs still ends
  hookTimeout: 240_000,
  slowTestThreshold: 20_000,
};

/** @param {import('vitest/config').TestUserConfig} test options of one package */
export function packageTests(test = {}) {
  return defineConfig({ ...resolution, test: { ...shared, ...nodeTests, ...test } });
}

const nodeTests = {
  include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
  exclude: [...configDefaults.exclude, ...browserTests],
};

/**
 * Tests in Node and in Chromium with WebGPU.
 * @param {object} options
 * @param {string[]} options.bundle packages that Vite bundles beforehand: one found later reloads the page in mid-run
 * @param {string[]} [options.untouched] packages that find files beside themselves, which bundling would break
 * @param {import('vitest/config').TestUserConfig} [options.test] options of the Node part
 */
export function packageTestsWithBrowser({ bundle, untouched = [], test = {} }) {
  return defineConfig({
    ...resolution,
    test: {
      ...shared,
      projects: [
        { ...resolution, test: { ...shared, name: 'node', ...nodeTests, ...test } },
        {
          ...resolution,
          optimizeDeps: { include: bundle, exclude: untouched },
          server: {
            // Cross-origin isolation: WASM threads need it.
            headers: {
              'Cross-Origin-Opener-Policy': 'same-origin',
              'Cross-Origin-Embedder-Policy': 'require-corp',
            },
          },
          test: {
            ...shared,
            name: 'chromium',
            include: browserTests,
            browser: {
              enabled: true,
              headless: true,
              screenshotFailures: false,
              provider: playwright({
                launchOptions: { executablePath: requireChromium(), args: chromiumFlags },
              }),
              instances: [{ browser: 'chromium' }],
            },
          },
        },
      ],
    },
  });
}

function requireChromium() {
  const path = findChromium();
  if (path) return path;
  throw new Error(
    'no Chromium for the browser tests: install it (npm test does so on Debian) or set CHROME_PATH',
  );
}
