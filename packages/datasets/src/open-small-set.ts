/** Opening of MNIST, Fashion-MNIST and CIFAR-10: from files in a folder, downloaded into it where that is wanted. */

import { findByName, PatchslimError, throwIfAborted } from '@patchslim/tensor';
import { parseCifar10 } from './cifar.js';
import { concatBytes } from './gzip.js';
import { parseIdx } from './idx.js';
import type { LabelledPixels } from './labelled-pixels.js';
import { readSplitFiles, type NamedBytes, type OpenSmallSetOptions } from './small-set-files.js';
import { smallSets, type SmallSet, type Split } from './small-sets.js';

const where = 'openSmallSet';

/**
 * One split of a small set, all of it in memory.
 *
 * The folder holds the files unpacked (those of CIFAR-10 also in `cifar-10-batches-bin`), as they are; else compressed,
 * as published, and these are checked. What is downloaded stays in the folder, compressed. Progress counts the bytes of
 * each download, then the images.
 *
 * @param name `mnist`, `fashion-mnist` or `cifar-10`
 * @throws `NOT_FOUND` when files are missing that are not to be downloaded, naming them; `DATA_INVALID` for a file with
 * another checksum (one that was downloaded is not kept) or a broken one; `DOWNLOAD_FAILED`; `IO_FAILED`; `ABORTED`;
 * `UNKNOWN_NAME`; `INVALID_ARGUMENT`
 * @example
 * const set = await openSmallSet('fashion-mnist', 'train', { folder: 'data/fashion-mnist', download: true });
 * console.log(set.labels.length, set.classNames[set.labels[0]]);
 */
export async function openSmallSet(
  name: string,
  split: Split,
  options: OpenSmallSetOptions,
): Promise<LabelledPixels> {
  return openSet(findByName(smallSets, name, 'small set'), split, options);
}

/** `openSmallSet` of a set that need not be in the registry. */
export async function openSet(
  set: SmallSet,
  split: Split,
  options: OpenSmallSetOptions,
): Promise<LabelledPixels> {
  const { signal, onProgress } = options;
  if (!Object.hasOwn(set.files, split)) {
    const message = `${where}: expected split 'train' or 'test', got '${String(split)}'`;
    throw new PatchslimError('INVALID_ARGUMENT', message, { split });
  }
  throwIfAborted(signal, where);
  const files = await readSplitFiles(set, split, options);
  throwIfAborted(signal, where);
  const read = set.format === 'idx' ? await joinIdx(set, files) : joinCifar(files);
  const total = read.labels.length;
  onProgress?.({ stage: 'open', done: total, total, unit: 'images' });
  return {
    name: `${set.name}/${split}`,
    classNames: set.classNames,
    channels: set.channels,
    size: set.size,
    ...read,
  };
}

type Pixels = Pick<LabelledPixels, 'pixels' | 'labels'>;

async function joinIdx({ size, classNames }: SmallSet, files: readonly NamedBytes[]): Promise<Pixels> {
  const [imageFile, labelFile] = files as [NamedBytes, NamedBytes];
  const images = await parseIdx(imageFile.bytes, imageFile.name);
  const labels = await parseIdx(labelFile.bytes, labelFile.name);
  const fail = (file: string, expected: string, got: string): never => {
    throw new PatchslimError('DATA_INVALID', `${file}: expected ${expected}, got ${got}`, { expected, got });
  };
  const [count, ...image] = images.shape;
  if (String(image) !== String([size, size])) {
    fail(imageFile.name, `images [n, ${size}, ${size}]`, `[${images.shape.join(', ')}]`);
  }
  if (String(labels.shape) !== String([count])) {
    fail(labelFile.name, `${count} labels, as there are images`, `[${labels.shape.join(', ')}]`);
  }
  const wrong = labels.data.findIndex((label) => label >= classNames.length);
  if (wrong >= 0) {
    fail(
      labelFile.name,
      `labels from 0 to ${classNames.length - 1}`,
      `${labels.data[wrong]} (image ${wrong})`,
    );
  }
  return { pixels: images.data, labels: labels.data };
}

function joinCifar(files: readonly NamedBytes[]): Pixels {
  const parts = files.map(({ name, bytes }) => parseCifar10(bytes, name));
  const join = (chunks: Uint8Array[]): Uint8Array =>
    concatBytes(
      chunks,
      chunks.reduce((sum, { length }) => sum + length, 0),
    );
  return { pixels: join(parts.map(({ pixels }) => pixels)), labels: join(parts.map(({ labels }) => labels)) };
}
