/** The kit end to end on a machine without an NVIDIA GPU: real on the CPU, and with a reason wherever a part cannot run. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runKit } from '../src/kit.js';
import { parseOptions } from '../src/options.js';
import { parseKitResults, type KitResults } from '../src/results.js';
import { runCommand } from '../src/run-command.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-kit-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function resultsOf(...options: string[]): Promise<KitResults> {
  const out = join(folder, 'results.json');
  const small = [
    '--model',
    'tiny',
    '--batches',
    '1,2',
    '--pairs',
    '3',
    '--images',
    '4',
    '--methods',
    'patch-slimming,ward',
  ];
  const parsed = parseOptions([...small, ...options, '--out', out]);
  if (parsed === 'help') throw new Error('no options');
  await runKit(parsed, () => undefined);
  return parseKitResults(JSON.parse(await readFile(out, 'utf8')));
}

it('runs for real on the CPU, and says why CUDA cannot run', async () => {
  // Without a GPU these open in no environment; with one, more than this test asks for would run.
  const { backends, environment } = await resultsOf(
    '--no-set-up',
    '--backends',
    'native,cuda',
    '--cases',
    '30',
  );
  const [native, cuda] = backends;
  expect(native).toMatchObject({
    open: { status: 'passed' },
    conformance: { status: 'passed', cases: 30, passed: 30, failures: [] },
    pipeline: {
      status: 'passed',
      methods: [
        { samePlan: true, leaked: 0 },
        { samePlan: true, leaked: 0 },
      ],
    },
    plan: { status: 'passed', scoreDifference: 0 },
    planWithTf32: { status: 'not asked for' },
    speed: { status: 'passed', model: 'tiny' },
  });
  const { timings } = native!.speed as { timings: { plan: string; batch: number; pairs: number }[] };
  expect(timings.map(({ plan, batch }) => `${plan} ${batch}`)).toEqual(
    ['fixed 0.7', 'fixed 0.5', 'ward 0.7', 'ward 0.5'].flatMap((plan) => [`${plan} 1`, `${plan} 2`]),
  );
  if (environment.gpus.status === 'passed') return;
  for (const part of ['open', 'conformance', 'pipeline', 'plan', 'planWithTf32', 'speed'] as const) {
    expect(cuda![part]).toMatchObject({
      status: 'unavailable',
      reason: expect.stringContaining('onnxruntime-node/cuda failed to start') as unknown,
    });
  }
});

describe('the file', () => {
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
