/** Available and missing providers, and a machine without the runtime. Each in a separate process. */

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runChild, withoutRuntimes } from '@patchslim/testing';
import { isLinux, noSoftwareGpu, softwareGpu } from '@patchslim/testing/platform';
import { createOnnxBackend, describeRuntime, type NodeProvider } from './index.js';

/** Asymmetric matchers are `any`; this one is `unknown`, for use in object literals. */
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const anyNumber: unknown = expect.any(Number);
const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const webgpuChild = join(packageFolder, 'test/children/webgpu.ts');
const nativeChild = join(packageFolder, 'test/children/native.ts');
const threadsChild = join(packageFolder, 'test/children/threads.ts');

describe('WebGPU', () => {
  // The software GPU takes ten seconds, but a minute on a busy machine.
  it('matches the CPU, on a software GPU', { timeout: 300_000 }, async ({ skip }) => {
    if (!softwareGpu && process.env['PATCHSLIM_REQUIRE_GPU'] === '1') throw new Error(noSoftwareGpu);
    skip(!softwareGpu, noSoftwareGpu);
    const result = (await runChild(webgpuChild, softwareGpu)) as { length: number; difference: number };
    expect(result.length).toBe(2 * 5);
    expect(result.difference).toBeLessThan(1e-4);
  });

  it.skipIf(!isLinux)('reports a missing GPU (needs Linux, where drivers can be hidden)', async () => {
    expect(await runChild(webgpuChild, { VK_DRIVER_FILES: '/nowhere' })).toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: matching(
        /^onnxruntime-node\/webgpu failed to start: .*adapter.*; it needs a GPU and its driver/s,
      ),
    });
  });
});

it.skipIf(!isLinux).each([
  ['1', 1],
  ['3', 3],
  ['4,2', 4],
])(
  'OMP_NUM_THREADS=%s computes on %i threads (needs Linux, which lists them)',
  async (OMP_NUM_THREADS, threads) => {
    const added = threads - 1; // the calling thread computes too
    expect(await runChild(threadsChild, { OMP_NUM_THREADS })).toEqual({ threads, added });
  },
);

describe('a provider that does not exist', () => {
  it('is reported with the existing ones', async () => {
    await expect(createOnnxBackend({ provider: 'tpu' as NodeProvider })).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: matching(/^onnxruntime-node lists no provider 'tpu' on this platform, only cpu/),
    });
  });
});

describe('describeRuntime', () => {
  it('tries every provider', async () => {
    const report = await describeRuntime();
    expect(report.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(report.providers.map(({ provider }) => provider)).toEqual(['cpu', 'webgpu', 'cuda']);
    expect(report.providers[0]).toEqual({ provider: 'cpu', available: true });
    for (const { available, reason } of report.providers) expect(reason === undefined).toBe(available);
  });

  it('also tries the providers of onnxruntime-web', async () => {
    const { version, providers } = await describeRuntime('onnxruntime-web');
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(providers).toEqual([
      { provider: 'wasm', available: true },
      { provider: 'webgpu', available: false, reason: matching(/there is no navigator\.gpu/) },
    ]);
  });
});

it('turns off ONNX Runtime’s telemetry, which then leaves no trace', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'patchslim-onnx-'));
  try {
    expect(await runChild(nativeChild, { TMPDIR: folder })).toEqual({ y: [-2], telemetry: '1' });
    expect((await readdir(folder)).filter((name) => /^mat-debug|\.ses$/.test(name))).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('without ONNX Runtime', () => {
  it('recording and encoding work, errors say what to install, and the caller’s telemetry setting stays', async () => {
    await withoutRuntimes(packageFolder, async (folder) => {
      const missing = (runtime: string): unknown =>
        matching(
          new RegExp(`^${runtime} could not be loaded .* install it with: npm install ${runtime}`, 's'),
        );
      const report = (runtime: string, names: readonly string[]) => ({
        runtime,
        providers: names.map((provider) => ({ provider, available: false, reason: missing(runtime) })),
      });
      const asCallerWants = { ORT_DISABLE_TELEMETRY: '0' };
      expect(await runChild(join(folder, 'test/children/without-runtime.ts'), asCallerWants)).toEqual({
        bytes: anyNumber,
        node: missing('onnxruntime-node'),
        web: missing('onnxruntime-web'),
        reports: [
          report('onnxruntime-node', ['cpu', 'webgpu', 'cuda']),
          report('onnxruntime-web', ['wasm', 'webgpu']),
        ],
        telemetry: '0',
      });
    });
  });
});
