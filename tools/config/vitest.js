// The Vitest configuration of all packages: tests run on source through the scoped export condition. Files named
// `*.browser.test.ts` run in Chromium, `*.dawn.test.ts` in Node with a software GPU, `*.rare.test.ts` only by
// `rarely-run.vitest.js`, `*.night.test.ts` only at night, all others in Node. A package runs its
// own tests (`packageTests`); `npm test` runs the tests of all packages in one process (`workspaceTests`), which keeps two
// cores busy and starts one Chromium.
import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { configDefaults, defineConfig } from 'vitest/config';
import { chromiumFlags, findChromium } from './chromium.js';
import { SlowFirst } from './slow-first.js';
import { firefoxProvider, requireFirefox } from './firefox.js';
import { softwareGpu } from '../testing/platform.mjs';

const source = '@patchslim/source';
/** @param {string} ending @param {string} folder of the packages, relative to the configuration */
const testsNamed = (ending, folder = '') => [
  `${folder}src/**/*${ending}.ts`,
  `${folder}test/**/*${ending}.ts`,
];
const everyPackage = 'packages/*/';

const resolution = {
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
};
// The pages of backends and of versions are made of these results.
const outputFile = process.env.PATCHSLIM_RESULTS ?? 'test-results/vitest.json';
const reporters = ['default', ['json', { outputFile }]];
const nightly = process.env.PATCHSLIM_NIGHTLY === '1';
const slowTestThreshold = 20_000;
const shared = {
  env: {
    ORT_DISABLE_TELEMETRY: '1', // for tests that load ONNX Runtime themselves
    OMP_NUM_THREADS: '1', // two files run at a time on two cores: threads that wait for each other would take longer
  },
  testTimeout: 120_000, // long enough for a busy machine; tests that hang still end
  hookTimeout: 240_000,
  maxWorkers: 2,
  provide: {
    chromium: { executablePath: findChromium(), args: chromiumFlags },
    nightly, // also for pages, which have no environment
  },
};

/** @param {import('vitest/config').TestUserConfig} test options of one package */
export function packageTests(test = {}) {
  return defineConfig({
    ...resolution,
    test: { ...shared, reporters, slowTestThreshold, ...inNode(), ...test },
  });
}

/** Tests in Node, in Chromium with WebGPU, and in Node with WebGPU. */
export function packageTestsEverywhere() {
  const node = { ...resolution, test: { ...shared, name: 'node', ...inNode() } };
  return defineConfig({
    ...resolution,
    test: { reporters, slowTestThreshold, projects: [node, inChromium(), onDawn()] },
  });
}

/**
 * The tests of all packages. `separate` folders run with their own configurations. The files that `together` matches share
 * two processes, which import each module once; every other file has a process of its own.
 */
export function workspaceTests({ separate, together }) {
  const { include, exclude } = inNode(everyPackage);
  const apart = separate.map((folder) => `${folder}/**`);
  const node = {
    ...resolution,
    test: { ...shared, name: 'node', include, exclude: [...exclude, ...apart, ...together] },
  };
  const inTwoProcesses = {
    ...resolution,
    test: {
      ...shared,
      name: 'node-together',
      include: together,
      exclude,
      isolate: false,
      sequence: { groupOrder: 1 }, // Vitest ends a shared process when the next file is one of another project
    },
  };
  return defineConfig({
    test: {
      reporters,
      slowTestThreshold,
      sequence: { sequencer: SlowFirst },
      projects: [node, inTwoProcesses, inChromium(everyPackage), onDawn(everyPackage), ...separate],
    },
  });
}

function inNode(folder) {
  const endings = ['.browser.test', '.dawn.test', '.rare.test', ...(nightly ? [] : ['.night.test'])];
  const elsewhere = endings.flatMap((ending) => testsNamed(ending, folder));
  return { include: testsNamed('.test', folder), exclude: [...configDefaults.exclude, ...elsewhere] };
}

function inChromium(folder) {
  const launchOptions = { executablePath: requireChromium(), args: chromiumFlags };
  return inBrowser('chromium', playwright({ launchOptions }), folder);
}

function inBrowser(name, provider, folder) {
  return {
    ...resolution,
    optimizeDeps: {
      // Bundled beforehand, because a package that Vite finds later reloads the page during a run.
      include: ['core', 'backend-cpu', 'backend-wasm', 'backend-webgpu'].map(
        (part) => `@tensorflow/tfjs-${part}`,
      ),
      exclude: ['onnxruntime-web'], // it loads files next to itself, which bundling would break
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
      name,
      include: testsNamed('.browser.test', folder),
      sequence: { groupOrder: 2 }, // after all others: pages do not count as workers, and would run in addition to two
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider,
        instances: [{ browser: name }],
      },
    },
  };
}

/** The tests for pages, in Firefox instead of Chromium. */
export function firefoxTests() {
  const executable = requireFirefox();
  const ofPackages = {
    ...resolution,
    test: {
      ...shared,
      name: 'firefox-pages',
      root: 'tools/package-tests',
      globalSetup: 'test/setup.ts',
      include: ['test/*.firefox-test.ts'],
      provide: { ...shared.provide, firefox: executable },
    },
  };
  const projects = [inBrowser('firefox', firefoxProvider(executable), everyPackage), ofPackages];
  return defineConfig({ test: { reporters, slowTestThreshold, projects } });
}

/** Debian's Chromium includes a Vulkan loader and a software GPU; only environment variables at start make them available. */
function onDawn(folder) {
  return {
    ...resolution,
    test: {
      ...shared,
      name: 'dawn',
      include: testsNamed('.dawn.test', folder),
      env: { ...shared.env, ...softwareGpu },
    },
  };
}

function requireChromium() {
  const path = findChromium();
  if (path) return path;
  throw new Error(
    'no Chromium for the browser tests: install it (npm test does so on Debian) or set CHROME_PATH',
  );
}
