// The one Vitest configuration of the workspace: tests run on source through the scoped export condition. Files named
// `*.browser.test.ts` run in Chromium, `*.dawn.test.ts` in Node with a software GPU, all others in Node.
import { playwright } from '@vitest/browser-playwright';
import { existsSync } from 'node:fs';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { configDefaults, defineConfig } from 'vitest/config';
import { chromiumFlags, findChromium } from './chromium.js';

const source = '@patchslim/source';
const testsNamed = (ending) => [`src/**/*${ending}.ts`, `test/**/*${ending}.ts`];
const browserTests = testsNamed('.browser.test');
const dawnTests = testsNamed('.dawn.test');

const resolution = {
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
};
// What the documentation says of backends is taken from these results.
const reporters = ['default', ['json', { outputFile: 'test-results/vitest.json' }]];
const shared = {
  env: { ORT_DISABLE_TELEMETRY: '1' }, // for tests that load ONNX Runtime themselves
  testTimeout: 120_000, // a busy machine is no failure; what hangs still ends
  hookTimeout: 240_000,
  slowTestThreshold: 20_000,
};
const inNode = {
  include: testsNamed('.test'),
  exclude: [...configDefaults.exclude, ...browserTests, ...dawnTests],
};

/** @param {import('vitest/config').TestUserConfig} test options of one package */
export function packageTests(test = {}) {
  return defineConfig({ ...resolution, test: { ...shared, reporters, ...inNode, ...test } });
}

/** Tests in Node, in Chromium with WebGPU, and in Node with WebGPU. */
export function packageTestsEverywhere() {
  return defineConfig({
    ...resolution,
    test: {
      ...shared,
      reporters,
      projects: [{ ...resolution, test: { ...shared, name: 'node', ...inNode } }, inChromium(), onDawn()],
    },
  });
}

function inChromium() {
  return {
    ...resolution,
    optimizeDeps: {
      // Bundled beforehand: a package that Vite finds later reloads the page in mid-run.
      include: ['core', 'backend-cpu', 'backend-wasm', 'backend-webgpu'].map(
        (name) => `@tensorflow/tfjs-${name}`,
      ),
      exclude: ['onnxruntime-web'], // finds files beside itself, which bundling would break
    },
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
        provider: playwright({ launchOptions: { executablePath: requireChromium(), args: chromiumFlags } }),
        instances: [{ browser: 'chromium' }],
      },
    },
  };
}

/** Debian's Chromium brings a Vulkan loader and a software GPU; a process finds them only by how it was started. */
function onDawn() {
  const chromium = '/usr/lib/chromium';
  const driver = `${chromium}/vk_swiftshader_icd.json`;
  const softwareGpu = existsSync(driver) ? { VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: chromium } : {};
  return {
    ...resolution,
    test: { ...shared, name: 'dawn', include: dawnTests, env: { ...shared.env, ...softwareGpu } },
  };
}

function requireChromium() {
  const path = findChromium();
  if (path) return path;
  throw new Error(
    'no Chromium for the browser tests: install it (npm test does so on Debian) or set CHROME_PATH',
  );
}
