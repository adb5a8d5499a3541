/**
 * The `.npz` files of Google's ViT and AugReg: Flax's names and layout, `[in, out]`, one axis per head. They are shown under the names of
 * transformers and in PyTorch's layout.
 */

import { float32, sizeOf, type HostTensor, type Shape } from '@patchslim/tensor';
import type { ByteSource } from '../byte-source.js';
import { quoted, refused } from '../containers/checkpoint-error.js';
import type { Container, StoredTensor } from '../containers/container.js';
import { finiteFloats } from '../containers/finite-floats.js';
import { gather } from '../containers/gather.js';
import type { FloatDType } from '../decode-floats.js';
import { readZipEntry, type ZipEntry } from '../containers/zip-directory.js';
import { longestNpyHeader, readNpyHeader, type NpyHeader } from './npy.js';
import { flaxMeaning, type FlaxMeaning } from './flax-names.js';

const dtypes: Readonly<Record<string, readonly [FloatDType, number]>> = {
  ...{ '<f4': ['F32', 4], '<f2': ['F16', 2], '<f8': ['F64', 8] },
  ...{ '|V2': ['BF16', 2], '<V2': ['BF16', 2] }, // NumPy has no bfloat16 of its own
};

/** @throws `CHECKPOINT_INVALID` for arrays of other names than AugReg's among nothing else, and for broken ones */
export async function npzContainer(
  source: ByteSource,
  entries: ReadonlyMap<string, ZipEntry>,
): Promise<Container> {
  const file = source.name;
  const tensors = new Map<string, StoredTensor>();
  let heads: number | undefined;
  for (const [path, entry] of entries) {
    const flax = path.replace(/\.npy$/, '').replace(/^opt\/target\//, '');
    const header = readNpyHeader(await readZipEntry(source, entry, 0, Math.min(entry.size, longestNpyHeader)), file, quoted(path)); // prettier-ignore
    const meaning = flaxMeaning(flax);
    const name = meaning?.name ?? flax.replaceAll('/', '.');
    if (tensors.has(name))
      throw refused(file, `'${quoted(path)}' is the same weight as another, ${quoted(name)}`);
    const tensor = storedArray(source, entry, header, name, meaning);
    tensors.set(name, tensor);
    if (/MultiHeadDotProductAttention_\d+\/query\/kernel$/.test(flax)) heads = header.shape[1];
  }
  if (!tensors.has('embeddings.patch_embeddings.projection.weight')) {
    const shown = [...entries.keys()].slice(0, 3).map(quoted).join(', ');
    throw refused(
      file,
      `the arrays ${shown} are not those of an AugReg ViT (embedding/kernel, Transformer/…)`,
    );
  }
  return { file, tensors, heads, origin: 'augreg', ignored: [], remarks: [] };
}

function storedArray(
  source: ByteSource,
  entry: ZipEntry,
  { descr, fortran, shape, begin }: NpyHeader,
  name: string,
  meaning: FlaxMeaning | undefined,
): StoredTensor {
  const [dtype, size] = Object.hasOwn(dtypes, descr) ? dtypes[descr]! : [undefined, 0];
  const count = sizeOf(shape);
  if (size > 0 && begin + count * size !== entry.size) {
    throw refused(
      source.name,
      `'${quoted(name)}': expected ${begin + count * size} bytes, got ${entry.size}`,
    );
  }
  const order = meaning?.order ?? shape.map((_, axis) => axis);
  if (order.length !== shape.length) {
    throw refused(
      source.name,
      `'${quoted(name)}': expected ${order.length} dimensions, got [${shape.join(',')}]`,
    );
  }
  const own = stridesOf(shape, fortran);
  const moved = order.map((axis) => shape[axis]!);
  const target = meaning ? meaning.shape(moved) : moved;
  return {
    name,
    shape: target,
    dtype: dtype ?? descr,
    byteLength: count * size,
    read: async (): Promise<HostTensor<'float32'>> => {
      if (dtype === undefined)
        throw refused(source.name, `'${quoted(name)}': expected float16 to float64, got ${descr}`);
      const bytes = await readZipEntry(source, entry, begin);
      const floats = finiteFloats(source.name, name, dtype, bytes);
      const strides = order.map((axis) => own[axis]!);
      const words = gather(new Uint32Array(floats.buffer as ArrayBuffer), moved, strides);
      return float32(target, new Float32Array(words.buffer));
    },
  };
}

function stridesOf(shape: Shape, fortran: boolean): number[] {
  const strides = shape.map(() => 0);
  let step = 1;
  for (let i = 0; i < shape.length; i++) {
    const axis = fortran ? i : shape.length - 1 - i;
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}
