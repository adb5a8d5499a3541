/** A top-down search that is cut off and goes on. In processes that are killed: see the tests of the command line. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { parseSchedule } from '@patchslim/slimming-schedules';
import { isPatchslimError } from '@patchslim/tensor';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageSet } from '@patchslim/datasets';
import type { VitModel } from '@patchslim/vit-models';
import { describe, expect, it, onTestFinished } from 'vitest';
import { smallModel, smallTensors } from '../test/small-model.js';
import { slimOptions } from '../test/slim-options.js';
import { removeJournal } from './journal.js';
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

it('does no work again that is settled', async () => {
  const progress = await emptyFolder();
  await cutOff(progress, 2);
  const filesOf = () => Promise.all(blockFiles.map(async (name) => (await stat(join(progress, name))).ino));
  const blockFiles = (await readdir(progress)).sort();
  const before = await filesOf();
  await slim(model, smallTensors(24), { ...options, progress }); // a new set of the same images
  expect(await filesOf()).toEqual(before); // what is settled again is a new file
  expect(await readdir(progress)).toHaveLength(3);
});

const others = { ...options, heldBack: smallTensors(8, 4) };
it.each<[string, Partial<SlimOptions>, ImageSet?, VitModel?]>([
  ['another seed', { seed: 1 }],
  ['another schedule', { schedule: parseSchedule('top-down:tolerance=0.2') }],
  ['another recovery', { recovery: [] }],
  ['another batch size', { batchSize: 4 }],
  ['other images of the same name and count', {}, smallTensors(24, 9)],
  ['other held-back images', others],
  ['other weights of the same shape', {}, images, await smallModel(model.backend, undefined, 5)],
  ['another epsilon', {}, images, { ...model, config: { ...model.config, layerNormEps: 1e-5 } }],
  ['another backend', {}, images, await smallModel()],
])(
  'refuses the progress of a run with %s, and leaves it',
  async (_, changes, data = images, network = model) => {
    const progress = await emptyFolder();
    await cutOff(progress, 1);
    const [name] = (await readdir(progress)) as [string];
    const before = await readFile(join(progress, name));
    const other = slim(network, data, { ...options, ...changes, progress });
    await expect(other).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('belongs to a run with other settings') as string,
    });
    expect(await readdir(progress)).toEqual([name]);
    expect(await readFile(join(progress, name))).toEqual(before);
  },
);

it('refuses a folder with the file of another run for a block that is not reached yet', async () => {
  const progress = await emptyFolder();
  await cutOff(progress, 3); // blocks 2, 1 and 0
  for (const block of [2, 1]) await rm(join(progress, `block-${block}.safetensors`));
  const other = slim(model, images, { ...options, seed: 1, progress });
  await expect(other).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(await readdir(progress)).toEqual(['block-0.safetensors']);
  expect(await slim(model, images, { ...options, progress })).toEqual(await slim(model, images, options));
});

describe('removeJournal', () => {
  it('removes the files of blocks, and the folder if it is empty then', async () => {
    const progress = await emptyFolder();
    await slim(model, images, { ...options, progress });
    await removeJournal(progress, model.config.depth);
    await expect(readdir(progress)).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(progress);
  });

  it('keeps everything else', async () => {
    const progress = await emptyFolder();
    await slim(model, images, { ...options, progress });
    const mine = ['block-3.safetensors', 'block-0.safetensors.bak', 'block-00.safetensors', 'notes.txt'];
    for (const name of mine) await writeFile(join(progress, name), 'mine');
    await removeJournal(progress, model.config.depth);
    expect((await readdir(progress)).sort()).toEqual(mine.sort());
    await removeJournal(join(progress, 'none'), model.config.depth);
  });
});
