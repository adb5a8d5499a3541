/** A top-down search that is cut off and goes on. In processes that are killed: see the tests of the command line. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { parseSchedule } from '@patchslim/slimming-schedules';
import { isPatchslimError } from '@patchslim/tensor';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { smallModel, smallTensors } from '../test/small-model.js';
import { slimOptions } from '../test/slim-options.js';
import { parseRecovery } from './recover/parse-recovery.js';
import { slim, type SlimOptions } from './slim.js';

const images = smallTensors(24);
const model = await smallModel(await createOnnxBackend({ threads: 1 }));

const options = slimOptions('top-down:tolerance=0.1,granularity=4', {
  attention: 'slimmed',
  batchSize: 8,
  heldBack: smallTensors(8, 3),
  recovery: parseRecovery('block:epochs=1,rate=0.002+distill:epochs=1,rate=0.001'),
});

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'patchslim-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Runs until `blocks` blocks are settled. */
async function cutOff(progress: string, blocks: number, changes: Partial<SlimOptions> = {}): Promise<void> {
  const abort = new AbortController();
  const run = slim(model, images, {
    ...options,
    ...changes,
    progress,
    signal: abort.signal,
    onProgress: ({ stage, done }) => {
      if (stage === 'plan' && done === blocks) abort.abort();
    },
  });
  await expect(run).rejects.toSatisfy((error) => isPatchslimError(error, 'ABORTED'));
}

it.each([1, 2, 3])('goes on behind block %d from above, and ends as an undisturbed run', async (blocks) => {
  const undisturbed = await slim(model, images, options);
  const progress = await emptyFolder();
  await cutOff(progress, blocks);
  expect(await readdir(progress)).toHaveLength(blocks);
  const stages: number[] = [];
  const resumed = await slim(model, images, {
    ...options,
    progress,
    onProgress: ({ stage, done }) => void (stage === 'plan' && stages.push(done)),
  });
  expect(resumed).toEqual(undisturbed);
  expect(stages).toEqual([1, 2, 3]);
});

it.each([
  ['another seed', { seed: 1 }],
  ['another schedule', { schedule: parseSchedule('top-down:tolerance=0.2') }],
  ['another recovery', { recovery: [] }],
] as const)('refuses the progress of a run with %s', async (_, changes) => {
  const progress = await emptyFolder();
  await cutOff(progress, 1);
  const other = slim(model, images, { ...options, ...changes, progress });
  await expect(other).rejects.toThrow('belongs to a run with other settings');
});
