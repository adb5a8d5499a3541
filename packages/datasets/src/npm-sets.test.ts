/** The sets that `tools/scripts/convert-npm-sets.mjs` makes of npm packages: whole, and usable for training. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openSmallSet } from './open-small-set.js';
import type { LabelledPixels } from './labelled-pixels.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The folder of a set, which is converted unless it was before. */
function convert(name: string): string {
  execFileSync(process.execPath, [join(root, 'tools/scripts/convert-npm-sets.mjs'), name]);
  return join(root, 'node_modules/.cache/patchslim', name);
}

function hashes({ pixels, labels }: LabelledPixels): string[] {
  return Array.from(labels, (_, i) =>
    createHash('sha1')
      .update(pixels.subarray(i * 784, (i + 1) * 784))
      .digest('base64'),
  );
}

function perClass(labels: Uint8Array): number[] {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}

it('fashion-mnist has every image once, and classes in turn', async () => {
  const folder = convert('fashion-mnist');
  const [train, test] = [
    await openSmallSet('fashion-mnist', 'train', { folder }),
    await openSmallSet('fashion-mnist', 'test', { folder }),
  ];
  expect([train.labels.length, test.labels.length]).toEqual([59_946, 10_000]);
  expect(new Set([...hashes(train), ...hashes(test)]).size).toBe(69_946);
  expect(perClass(test.labels)).toEqual(new Array(10).fill(1000));
  expect(perClass(train.labels.subarray(0, 256)).every((count) => count === 25 || count === 26)).toBe(true);
});

it('mnist is the official files, byte for byte', async () => {
  const folder = convert('mnist');
  // SHA-256 of the unpacked files, published with many copies of them.
  const official = {
    'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  };
  for (const [name, sha256] of Object.entries(official)) {
    const file = await readFile(join(folder, name));
    expect(createHash('sha256').update(file).digest('hex')).toBe(sha256);
  }
  const { labels } = await openSmallSet('mnist', 'test', { folder });
  expect([...labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
});
