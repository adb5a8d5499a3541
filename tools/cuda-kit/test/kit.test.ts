/** The kit end to end on a machine without an NVIDIA GPU: real on the CPU, and with a reason wherever a part cannot run. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { nightly } from '@patchslim/testing/by-day';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runKit, withoutPaths } from '../src/kit.js';
import { parseOptions } from '../src/options.js';
import { parseKitResults, type KitResults } from '../src/results.js';
import { root } from '../src/root.js';
import { runCommand } from '../src/run-command.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-kit-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function resultsOf(...options: string[]): Promise<KitResults> {
  const out = join(folder, 'results.json');
  const small = ['--model', 'tiny', '--batches', '1,2', '--pairs', '3', '--images', '4', '--methods', 'ward'];
  const parsed = parseOptions([...small, ...options, '--out', out]);
  if (parsed === 'help') throw new Error('no options');
  await runKit(parsed, () => undefined);
  return parseKitResults(JSON.parse(await readFile(out, 'utf8')));
}

it('runs for real on the CPU, and says why CUDA cannot run', async () => {
  const parts = nightly ? 'conformance,pipeline,plan,speed' : 'conformance,pipeline,speed';
  const asked = [
    '--no-set-up',
    '--backends',
    'native,cuda',
    '--parts',
    parts,
    '--cases',
    nightly ? '1000' : '30',
  ];
  const { backends, environment } = await resultsOf(...asked);
  const [native, cuda] = backends;
  const methods = native!.pipeline.status === 'passed' ? native!.pipeline.methods : [];
  expect(native).toMatchObject({
    open: { status: 'passed' },
    conformance: { status: 'passed', failures: [] },
    pipeline: { status: 'passed' },
    plan: nightly ? { status: 'passed', scoreDifference: 0 } : { status: 'not asked for' },
    planWithTf32: { status: 'not asked for' },
    speed: { status: 'passed', model: 'tiny' },
  });
  expect(methods.map(({ method, samePlan, leaked }) => ({ method, samePlan, leaked }))).toEqual([
    { method: 'ward', samePlan: true, leaked: 0 },
  ]);
  const timings = native!.speed.status === 'passed' ? native!.speed.timings : [];
  expect(timings.map(({ plan, batch }) => `${plan} ${batch}`)).toEqual(
    ['fixed 0.7', 'fixed 0.5', 'ward 0.7', 'ward 0.5'].flatMap((plan) => [`${plan} 1`, `${plan} 2`]),
  );
  if (environment.gpus.status === 'passed') return; // a machine with a GPU runs more than this test can foresee
  for (const part of ['open', ...parts.split(',')] as const) {
    expect(cuda![part as 'open']).toMatchObject({
      status: 'unavailable',
      reason: expect.stringContaining('onnxruntime-node/cuda failed to start') as unknown,
    });
  }
});

describe('the file', () => {
  it('of a run on a GPU in software is read: both WebGPU backends pass every part', async () => {
    const text = await readFile(join(import.meta.dirname, 'on-software-gpu.json'), 'utf8');
    const { backends } = parseKitResults(JSON.parse(text));
    const parts = ['open', 'conformance', 'pipeline', 'plan', 'speed'] as const;
    expect(backends.map((backend) => [backend.name, ...parts.map((part) => backend[part].status)])).toEqual([
      ['webgpu', ...parts.map(() => 'passed')],
      ['tfjs-webgpu', ...parts.map(() => 'passed')],
    ]);
  });

  it('names no folder of the machine', () => {
    const text = `Error: ${join(root, 'node_modules/x.js')} and ${join(homedir(), 'secret')}`;
    expect(withoutPaths({ setUp: [text] })).toEqual({
      setUp: [`Error: ${join('node_modules/x.js')} and ${join('~', 'secret')}`],
    });
  });

  it('is refused where it is not what the kit writes, with the place', () => {
    expect(() => parseKitResults({ format: 'patchslim-cuda-kit', version: 2 })).toThrow(
      /version[^]*environment/,
    );
  });
});

describe('options', () => {
  it('are checked before anything runs', () => {
    expect(() => parseOptions(['--batches', '1,x'])).toThrow(
      "--batches: expected a positive whole number, got 'x'",
    );
    expect(() => parseOptions(['--parts', 'spead'])).toThrow("no part 'spead'");
    expect(parseOptions(['--help'])).toBe('help');
  });
});

describe('a program that the kit starts', () => {
  it('is told apart from one that is not there, one that fails and one that does not end', async () => {
    expect((await runCommand('no-such-program-anywhere', [])).problem).toBe(
      'no-such-program-anywhere is not installed',
    );
    const failing = await runCommand(process.execPath, [
      '-e',
      'console.error("Error: no device"); process.exit(3)',
    ]);
    expect(failing.problem).toBe('status 3: Error: no device');
    const endless = await runCommand(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      timeoutMs: 300,
    });
    expect(endless.problem).toContain('no end after 0.005 minutes');
  });
});
