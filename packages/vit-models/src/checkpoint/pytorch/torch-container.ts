/** The weights among all that a PyTorch file holds, as a container. */

import { float32, type HostTensor } from '@patchslim/tensor';
import type { ByteSource } from '../byte-source.js';
import { quoted, refused } from '../containers/checkpoint-error.js';
import type { Container, StoredTensor } from '../containers/container.js';
import { finiteFloats } from '../containers/finite-floats.js';
import { gather, isContiguous } from '../containers/gather.js';
import type { ContainerOptions } from '../containers/open-container.js';
import { readable } from './element-types.js';
import { findStateDict } from './state-dict.js';
import type { StoredView } from './stored-view.js';

/** The bytes of the storages, by key. */
export interface Storages {
  /** In bytes; undefined when the file has none of that key. */
  size(key: string): number | undefined;
  read(key: string, begin: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * @param root value of the file's pickle
 * @throws `CHECKPOINT_INVALID`
 */
export function torchContainer(
  source: ByteSource,
  root: unknown,
  options: ContainerOptions,
  storages: Storages,
): Container {
  const file = source.name;
  const { views, ignored, remarks } = findStateDict(root, file, options.entry);
  const tensors = new Map<string, StoredTensor>();
  let total = 0;
  for (const [name, view] of views) {
    requireStorage(file, name, view, storages);
    const elements = view.shape.reduce((product, dim) => product * dim, 1);
    total += elements * view.type.bytes;
    tensors.set(name, {
      name,
      shape: view.shape,
      dtype: view.type.name,
      byteLength: elements * view.type.bytes,
      read: () => readView(file, name, view, storages),
    });
  }
  // Tied weights are few; a file whose every tensor is the same storage would be read again and again.
  const most = 4 * source.size + 1_000_000;
  if (total > most)
    throw refused(file, `its tensors have ${total} bytes, more than a file of ${source.size} can hold`);
  return { file, tensors, ignored, remarks };
}

function requireStorage(file: string, name: string, { storage }: StoredView, storages: Storages): void {
  const size = storages.size(storage.key);
  const needed = (storage.offset + storage.length) * storage.type.bytes;
  if (size !== undefined && needed <= size) return;
  const got = size === undefined ? 'it is not in the file' : `it has ${size}`;
  throw refused(file, `tensor '${quoted(name)}': expected a storage of ${needed} bytes, but ${got}`, {
    tensor: name,
  });
}

async function readView(
  file: string,
  name: string,
  { storage, type, offset, shape, strides }: StoredView,
  storages: Storages,
): Promise<HostTensor<'float32'>> {
  if (!Object.hasOwn(readable, type.name)) {
    const names = Object.keys(readable).join(', ');
    throw refused(file, `tensor '${quoted(name)}': expected ${names}, got ${type.name}`, { tensor: name });
  }
  const dtype = readable[type.name as keyof typeof readable];
  const reach = shape.includes(0) ? 0 : shape.reduce((sum, dim, axis) => sum + (dim - 1) * strides[axis]!, 1);
  const begin = storage.offset * storage.type.bytes + offset * type.bytes;
  const bytes = reach === 0 ? new Uint8Array() : await storages.read(storage.key, begin, reach * type.bytes);
  const inOrder = isContiguous(shape, strides) ? bytes : reordered(bytes, type.bytes, shape, strides);
  return float32(shape, finiteFloats(file, name, dtype, inOrder));
}

function reordered(
  { buffer }: Uint8Array<ArrayBuffer>,
  size: number,
  shape: readonly number[],
  strides: readonly number[],
): Uint8Array<ArrayBuffer> {
  const span =
    size === 8 ? new BigUint64Array(buffer) : size === 4 ? new Uint32Array(buffer) : new Uint16Array(buffer);
  return new Uint8Array(gather(span, shape, strides).buffer);
}
