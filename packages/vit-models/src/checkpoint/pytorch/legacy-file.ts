/**
 * PyTorch files before 1.6: five pickles in a row (a magic number, the version, the machine, the value, the keys of the storages), then
 * each storage as its number of elements (int64) and its bytes.
 */

import type { ByteSource } from '../byte-source.js';
import { refused } from '../containers/checkpoint-error.js';
import type { Container } from '../containers/container.js';
import type { ContainerOptions } from '../containers/open-container.js';
import { isTruncated, readPickle, type PickleContext } from '../pickle/read-pickle.js';
import { PickleDict } from '../pickle/pickle-values.js';
import { pytorchGlobals, storageOf } from './globals.js';
import { torchContainer } from './torch-container.js';

/** 0x1950a86a20f9469cfc6c. */
const magic = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
/** In bytes, of the five pickles. */
const largestPickles = 64_000_000;

/** @throws `CHECKPOINT_INVALID` */
export async function legacyContainer(source: ByteSource, options: ContainerOptions): Promise<Container> {
  const { root, keys, elementBytes, end } = await readPickles(source);
  const found = new Map<string, { begin: number; size: number }>();
  let at = end;
  for (const key of keys) {
    const bytes = elementBytes.get(key);
    if (bytes === undefined) throw refused(source.name, `storage '${key.slice(0, 80)}' belongs to no tensor`);
    if (at + 8 > source.size) throw cutOff(source, at + 8);
    const elements = Number(new DataView((await source.read(at, 8)).buffer).getBigInt64(0, true));
    const size = elements * bytes;
    if (!Number.isSafeInteger(size) || size < 0 || at + 8 + size > source.size)
      throw cutOff(source, at + 8 + size);
    found.set(key, { begin: at + 8, size });
    at += 8 + size;
  }
  return torchContainer(source, root, options, {
    size: (key) => found.get(key)?.size,
    read: (key, begin, length) => source.read(found.get(key)!.begin + begin, length),
  });
}

interface Pickles {
  readonly root: unknown;
  readonly keys: readonly string[];
  /** By key of the storage. */
  readonly elementBytes: ReadonlyMap<string, number>;
  /** First byte behind the pickles. */
  readonly end: number;
}

/** Reads a part of the file that grows until all five are in it: how long they are, nothing says. */
async function readPickles(source: ByteSource): Promise<Pickles> {
  for (let length = 1_000_000; ; length *= 8) {
    const most = Math.min(source.size, largestPickles);
    const bytes = await source.read(0, Math.min(length, most));
    try {
      return parsePickles(bytes, source.name);
    } catch (error) {
      if (!isTruncated(error) || length >= most) throw error;
    }
  }
}

function parsePickles(bytes: Uint8Array, file: string): Pickles {
  const elementBytes = new Map<string, number>();
  const context: PickleContext = {
    globals: pytorchGlobals,
    file,
    onPersistentId: (id) => {
      const { key, type } = storageOf(id);
      elementBytes.set(key, type.bytes);
    },
  };
  const first = readPickle(bytes, context);
  const isTorch =
    first.value instanceof Uint8Array && magic.every((byte, i) => (first.value as Uint8Array)[i] === byte);
  if (!isTorch) {
    const hint = 'save the weights with torch.save or as safetensors';
    throw refused(file, `this is a pickle of Python, not of torch.save; ${hint}`);
  }
  const version = readPickle(bytes, context, first.end);
  if (version.value !== 1001) throw refused(file, 'the version of this PyTorch file is not known');
  const system = readPickle(bytes, context, version.end);
  if (!(system.value instanceof PickleDict) || system.value.entries.get('little_endian') !== true) {
    throw refused(file, 'its numbers are big-endian; save it on a machine of today');
  }
  const main = readPickle(bytes, context, system.end);
  const keys = readPickle(bytes, context, main.end);
  if (!Array.isArray(keys.value) || !keys.value.every((key) => typeof key === 'string')) {
    throw refused(file, 'expected a list of the keys of its storages');
  }
  return { root: main.value, keys: keys.value, elementBytes, end: keys.end };
}

function cutOff({ name, size }: ByteSource, needed: number): Error {
  return refused(name, `expected at least ${needed} bytes, got ${size}; was the download cut off?`, { size });
}
