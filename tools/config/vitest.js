// The one Vitest configuration of the workspace: tests run on source through the scoped export condition.
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

const source = '@patchslim/source';

/** @param {import('vitest/config').TestUserConfig} test options of one package */
export function packageTests(test = {}) {
  return defineConfig({
    resolve: { conditions: [source, ...defaultClientConditions] },
    ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
    test: {
      env: { ORT_DISABLE_TELEMETRY: '1' }, // for tests that load ONNX Runtime themselves
      include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
      testTimeout: 60_000,
      hookTimeout: 120_000,
      ...test,
    },
  });
}
