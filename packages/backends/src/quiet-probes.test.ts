/** Only our error reports a backend that fails to start: native code prints nothing to stderr. */

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isLinux, loaderWithoutDriver, noSoftwareGpu, softwareGpu } from '@patchslim/testing/platform';
import type { BackendFinding } from './index.js';

const child = fileURLToPath(new URL('../test/children/describe.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

interface Described {
  readonly found: ReadonlyMap<string, BackendFinding>;
  /** Everything written to file descriptor 2 of the process. */
  readonly stderr: string;
}

async function describeIn(environment: Readonly<Record<string, string>>): Promise<Described> {
  const running = spawn(process.execPath, ['--conditions=@patchslim/source', '--import', tsx, child], {
    // TensorFlow says two things when it loads, so an addon that was built here stays out of sight.
    env: { ...process.env, XDG_CACHE_HOME: '/nowhere', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(running.stdout), text(running.stderr)]);
  const findings = JSON.parse(stdout) as BackendFinding[];
  return { found: new Map(findings.map((each) => [each.name, each])), stderr };
}

describe.skipIf(!isLinux)('on Linux, where drivers can be hidden', () => {
  it.each([
    ['a Vulkan loader', { VK_DRIVER_FILES: '/nowhere' }, /: WebGPU has no adapter here: /],
    ['a Vulkan driver', loaderWithoutDriver, /: WebGPU has no adapter here: /],
  ])('without %s', { timeout: 60_000 }, async (_, environment, reason) => {
    const { found, stderr } = await describeIn(environment);
    expect(stderr).toBe('');
    expect(found.get('native')?.works).toBe(true);
    for (const name of ['webgpu', 'tfjs-webgpu']) {
      expect(found.get(name)).toMatchObject({
        works: false,
        reason: expect.stringMatching(reason) as string,
      });
    }
    const { works, reason: cuda } = found.get('cuda')!;
    // If the library is installed, ONNX Runtime reports the problem.
    if (!works)
      expect(cuda).toMatch(
        /^onnxruntime-node\/cuda failed to start: (no CUDA device|.*; install its libraries with)/,
      );
  });

  it('with both', { timeout: 300_000 }, async ({ skip }) => {
    if (!softwareGpu && process.env['PATCHSLIM_REQUIRE_GPU'] === '1') throw new Error(noSoftwareGpu);
    skip(!softwareGpu, noSoftwareGpu);
    const { found, stderr } = await describeIn(softwareGpu!);
    expect(stderr).toBe('');
    for (const name of ['webgpu', 'tfjs-webgpu']) expect(found.get(name)).toMatchObject({ works: true });
  });
});
