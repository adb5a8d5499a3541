/** Hostile archives: PyTorch files, older ones, and arrays of NumPy. */

import { fuzz, fuzzTimeout, mutatedBytes } from '@patchslim/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { goldenFiles } from '../../../test/golden-weights.js';
import { zipOf } from '../../../test/zip.js';
import { bytesSource } from '../byte-source.js';
import { fromPretrained } from '../from-pretrained.js';
import { readZipDirectory, readZipEntry } from './zip-directory.js';

const files = goldenFiles();
const bytesOf = (names: readonly string[]) =>
  files.filter(({ name }) => names.includes(name)).map(({ bytes }) => bytes);
const zips = bytesOf([
  'state-dict.pth',
  'strided.pt',
  'module-state.bin',
  'flax.npz',
  'flax-packed.npz',
  'ema.pth',
]);
const older = bytesOf(['legacy.pth', 'legacy-training.pth', 'legacy-strided.pt']);

/** Every entry of a real file, one of them damaged: the zip around it is whole, so that the damage reaches the readers behind it. */
const entries = await Promise.all(
  zips.map(async (bytes) => {
    const source = bytesSource(bytes);
    const directory = await readZipDirectory(source);
    const read = [...directory].map(
      async ([name, entry]) => [name, await readZipEntry(source, entry)] as const,
    );
    return Promise.all(read);
  }),
);
const damagedEntry = fc
  .constantFrom(...entries)
  .chain((all) => {
    const pickles = all.findIndex(([name]) => name.endsWith('data.pkl'));
    const index =
      pickles < 0 ? fc.nat(all.length - 1) : fc.oneof(fc.constant(pickles), fc.nat(all.length - 1));
    return index.chain((which) => mutatedBytes([all[which]![1]]).map((bytes) => ({ all, which, bytes })));
  })
  .map(({ all, which, bytes }) =>
    zipOf(Object.fromEntries(all.map(([name, data], i) => [name, i === which ? bytes : data]))),
  );

const inputs = fc.oneof(
  { weight: 2, arbitrary: mutatedBytes(zips) },
  { weight: 3, arbitrary: damagedEntry },
  { weight: 2, arbitrary: mutatedBytes(older) },
);

it('an archive of any bytes is a model, or is refused', { timeout: fuzzTimeout }, async () => {
  const { accepted, refused } = await fuzz({
    inputs,
    read: async (bytes) => {
      const { config, tensors } = await fromPretrained(bytes, { heads: 2 });
      expect(tensors.get('head.bias')!.shape).toEqual([config.classes]);
    },
    codes: ['CHECKPOINT_INVALID', 'WEIGHTS_MISSING'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['CHECKPOINT_INVALID']).toBeGreaterThan(0);
});
