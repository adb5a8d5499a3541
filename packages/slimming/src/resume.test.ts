/** Interrupted jobs continue. For killed processes see the tests of the command line. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import type { ImageSet } from '@patchslim/datasets';
import { findStep } from '@patchslim/slimming-schedules';
import { isPatchslimError, type ProgressEvent } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallModel, smallTensors } from '../test/small-model.js';
import { ownTemporaryFolder } from '../test/temporary-folder.js';
import { slim, type SlimOptions } from './slim.js';

const images = smallTensors(32);
const model = await smallModel(await createOnnxBackend({ threads: 1 }));

const topDown: SlimOptions = {
  method: 'patch-slimming:deeperBlocks=slimmed',
  schedule: 'top-down:tolerance=0.1,granularity=4',
  recover: 'block:epochs=1,rate=0.002+distill:epochs=1,rate=0.001',
  ...{ batchSize: 8, calibrate: 24 },
};
const searching: SlimOptions = {
  ...{ method: 'ward', schedule: 'search:0.75', batchSize: 8, calibrate: 16 },
};
const prefix = 'patch-slimming-deeperBlocks-slimmed';

const anew = () => join(ownTemporaryFolder(), 'progress');

/** Plan and weights; frees everything on the backend. */
async function made(options: SlimOptions, data: ImageSet = images, network = model) {
  const { plan, adapted, model: slimmed } = await slim(network, data, options);
  await slimmed.close();
  return { plan, adapted };
}

/** Runs until an event. */
async function cutOff(options: SlimOptions, at: (event: ProgressEvent) => boolean): Promise<void> {
  const abort = new AbortController();
  const onProgress = (event: ProgressEvent) => void (at(event) && abort.abort());
  const run = slim(model, images, { ...options, signal: abort.signal, onProgress });
  await expect(run).rejects.toSatisfy((error) => isPatchslimError(error, 'ABORTED'));
}

const afterBlocks = (blocks: number) => (event: ProgressEvent) =>
  event.stage === 'plan' && event.done === blocks;
/** Identity of each file, to detect rewriting: inode numbers can be reused, times cannot. */
const filesOf = async (folder: string) =>
  Promise.all(
    (await readdir(folder)).sort().map(async (name) => {
      const { ino, mtimeNs } = await stat(join(folder, name), { bigint: true });
      return `${name} ${ino} ${mtimeNs}`;
    }),
  );

const otherWeights = await smallModel(model.backend, undefined, 5);
const otherBackend = await smallModel();

describe('a top-down search', () => {
  const saved = `${prefix}-block-2.safetensors`;
  let undisturbed: Awaited<ReturnType<typeof made>>;
  /** Content of the file that a run leaves when it is cut off after its first block. */
  let part: Buffer;
  beforeAll(async () => {
    undisturbed = await made(topDown);
    const resume = await mkdtemp(join(tmpdir(), 'patchslim-resume-'));
    await cutOff({ ...topDown, resume }, afterBlocks(1));
    expect(await readdir(resume)).toEqual([saved]);
    part = await readFile(join(resume, saved));
    await rm(resume, { recursive: true });
  });

  it.each([1, 2, 3])(
    'continues after block %d from above, and ends like an uninterrupted run',
    async (blocks) => {
      const resume = anew();
      await cutOff({ ...topDown, resume }, afterBlocks(blocks));
      expect(await readdir(resume)).toHaveLength(blocks);
      const done: number[] = [];
      const resumed = await made({
        ...{ ...topDown, resume },
        onProgress: (event) => void (event.stage === 'plan' && done.push(event.done)),
      });
      expect(resumed).toEqual(undisturbed);
      expect(done).toEqual([1, 2, 3]);
    },
  );

  it('does not repeat finished work', async () => {
    const resume = anew();
    await cutOff({ ...topDown, resume }, afterBlocks(2));
    const before = await filesOf(resume);
    await made({ ...topDown, resume }, smallTensors(32)); // a new set of the same images
    const after = await filesOf(resume);
    expect(before).toHaveLength(2);
    expect(after).toEqual(expect.arrayContaining(before)); // a repeated search would write a new file
  });

  it.each<[string, SlimOptions, ImageSet?, VitModel?]>([
    ['another seed', { seed: 1 }],
    ['another schedule', { schedule: 'top-down:tolerance=0.2' }],
    ['another recovery', { recover: 'none' }],
    ['another batch size', { batchSize: 4 }],
    ['other images of the same name and count', {}, smallTensors(32, 9)],
    ['another part of the images', { calibrate: 25 }],
    ['other weights of the same shape', {}, images, otherWeights],
    ['another epsilon', {}, images, { ...model, config: { ...model.config, layerNormEps: 1e-5 } }],
    ['another backend', {}, images, otherBackend],
  ])('refuses and keeps the saved parts of a job with %s', async (_, changes, data, network) => {
    const resume = anew();
    await mkdir(resume);
    await writeFile(join(resume, saved), part);
    await expect(made({ ...topDown, ...changes, resume }, data, network)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('belongs to a job with other settings') as string,
    });
    expect(await readdir(resume)).toEqual([saved]);
    expect(await readFile(join(resume, saved))).toEqual(part);
  });

  it('refuses a folder with a file of another job for a later block', async () => {
    const resume = anew();
    await cutOff({ ...topDown, resume }, afterBlocks(3)); // blocks 2, 1 and 0
    for (const block of [2, 1]) await rm(join(resume, `${prefix}-block-${block}.safetensors`));
    const other = made({ ...topDown, seed: 1, resume });
    await expect(other).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await readdir(resume)).toEqual([`${prefix}-block-0.safetensors`]);
    expect(await made({ ...topDown, resume })).toEqual(undisturbed);
  });
});

describe('a recovery', () => {
  const learning: SlimOptions = {
    ...{ method: 'ward', schedule: 'counts:9,5,3,1', batchSize: 8, calibrate: 24 },
    recover: 'distill:epochs=2,rate=0.001+finetune:epochs=2,rate=0.001,learn=norms',
  };

  let undisturbed: Awaited<ReturnType<typeof made>>;
  beforeAll(async () => {
    undisturbed = await made(learning);
  });

  // 21 of 24 images train: an epoch has two steps.
  it.each([
    ['epoch 1 of distill', 'distill', 3, { distill: [3, 4], finetune: [1, 2, 3, 4] }],
    ['distill', 'finetune', 1, { distill: [], finetune: [1, 2, 3, 4] }],
    ['epoch 1 of finetune', 'finetune', 3, { distill: [], finetune: [3, 4] }],
  ])('continues after %s, and ends with the same weights', async (_, stage, step, wanted) => {
    expect(undisturbed.adapted!.fingerprint).not.toBe(model.fingerprint);
    const resume = anew();
    await cutOff({ ...learning, resume }, (event) => event.stage === stage && event.done === step);
    const steps = { distill: [] as number[], finetune: [] as number[] };
    const resumed = await made({
      ...{ ...learning, resume },
      onProgress: ({ stage: name, done }) => {
        if (name === 'distill' || name === 'finetune') steps[name].push(done);
      },
    });
    expect(steps).toEqual(wanted);
    expect(resumed).toEqual(undisturbed);
    expect((await readdir(resume)).sort()).toEqual([
      ...['recovery-1-epochs.safetensors', 'recovery-2-epochs.safetensors'],
    ]);
    await expect(made({ ...learning, seed: 1, resume })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('a search for counts', () => {
  const firstRound = ({ stage, done }: ProgressEvent) => stage === 'search counts' && done === 1;

  it('continues after an interruption, and ends with the same plan', async () => {
    const expected = await made(searching);
    const resume = anew();
    await cutOff({ ...searching, resume }, firstRound);
    const [before] = await filesOf(resume);
    expect(await made({ ...searching, resume })).toEqual(expected);
    expect(await readdir(resume)).toEqual(['ward-measured-counts.safetensors']);
    const [after] = await filesOf(resume);
    expect(after).not.toBe(before); // a new file for every round
    await made({ ...searching, resume }, smallTensors(32)); // a new set of the same images
    expect(await filesOf(resume)).toEqual([after]);
    for (const run of [
      () => made({ ...searching, resume, seed: 1 }),
      () => made({ ...searching, resume }, smallTensors(32, 3)),
      () => made({ ...searching, resume }, images, otherWeights),
    ]) {
      await expect(run()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    expect(await filesOf(resume)).toEqual([after]);
  });
});

describe('a time as budget', () => {
  it('is measured once per job, also when resumed', async () => {
    const resume = anew();
    const options = { method: 'ward', schedule: 'budget:1000ms@native', resume };
    const { plan } = await made(options);
    expect(await readdir(resume)).toEqual(['ward-latency.safetensors']);
    expect((await made(options)).plan).toEqual(plan);
    expect(findStep(plan.provenance, 'timed')).toMatchObject({ backend: 'native' });
    await expect(made({ ...options, seed: 1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('forget', () => {
  it('removes the saved parts, and the folder if it is then empty', async () => {
    const resume = anew();
    const options = { ...topDown, recover: 'none', resume };
    await (await slim(model, images, options)).forget();
    await expect(readdir(resume)).rejects.toMatchObject({ code: 'ENOENT' });
    const again = await slim(model, images, options);
    await writeFile(join(resume, 'notes.txt'), 'mine');
    await again.forget();
    expect(await readdir(resume)).toEqual(['notes.txt']);
  });

  it('removes nothing if nothing was saved', async () => {
    const result = await slim(model, undefined, { method: 'ward', schedule: 'budget:0.7' });
    await expect(result.forget()).resolves.toBeUndefined();
  });
});
