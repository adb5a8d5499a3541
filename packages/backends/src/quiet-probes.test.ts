/** Only our error reports a backend that fails to start: native code prints nothing to stderr. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { BackendFinding } from './index.js';

const child = fileURLToPath(new URL('../test/children/describe.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Debian's Chromium includes a Vulkan loader and a software GPU. */
const chromium = '/usr/lib/chromium';
const hasSoftwareGpu = existsSync(`${chromium}/vk_swiftshader_icd.json`);

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

describe.skipIf(process.platform !== 'linux')('on Linux, where drivers can be hidden', () => {
  it.each([
    ['a Vulkan loader', { VK_DRIVER_FILES: '/nowhere' }, /: WebGPU has no adapter here: /],
    [
      'a Vulkan driver',
      { VK_DRIVER_FILES: '/nowhere', LD_LIBRARY_PATH: chromium },
      /: WebGPU has no adapter here: /,
    ],
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
    if (!hasSoftwareGpu) {
      const reason = `the software GPU of ${chromium} is absent; Debian's package chromium has it`;
      if (process.env['PATCHSLIM_REQUIRE_GPU'] === '1') throw new Error(reason);
      skip(reason);
    }
    const driver = `${chromium}/vk_swiftshader_icd.json`;
    const { found, stderr } = await describeIn({ VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: chromium });
    expect(stderr).toBe('');
    for (const name of ['webgpu', 'tfjs-webgpu']) expect(found.get(name)).toMatchObject({ works: true });
  });
});
