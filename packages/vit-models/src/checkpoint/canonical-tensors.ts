/** The tensors of a file under their canonical names; query, key and value become one `attn.qkv`. */

import {
  float32,
  throwIfAborted,
  type HostTensor,
  type LongCallOptions,
  type Shape,
} from '@patchslim/tensor';
import { refused } from './containers/checkpoint-error.js';
import type { Container, StoredTensor } from './containers/container.js';
import { transposed } from '../param-tree.js';
import type { CanonicalNames } from './names.js';

/** A tensor of the model and the entries of the file whose rows it joins. */
export interface CanonicalEntry {
  readonly shape: Shape;
  readonly parts: readonly StoredTensor[];
  /** Whether the file has the matrix the other way round. */
  readonly transposed: boolean;
}

/**
 * Shapes by canonical name; no weights are read.
 *
 * @throws `CHECKPOINT_INVALID` when the parts of a joined tensor have different shapes
 */
export function canonicalEntries(
  { file, tensors }: Container,
  names: CanonicalNames,
): ReadonlyMap<string, CanonicalEntry> {
  return new Map(
    [...names.sources].map(([name, sources]) => {
      const parts = sources.map((source) => tensors.get(source.name)!);
      const transposed = sources.some((source) => source.transposed);
      const shapes = new Set(parts.map((part) => `[${part.shape.join(',')}]`));
      if (shapes.size > 1) {
        throw refused(
          file,
          `${sources.map((source) => source.name).join(', ')}: expected equal shapes, got ${[...shapes].join(', ')}`,
          {
            tensors: sources.map((source) => source.name),
          },
        );
      }
      const own = transposed ? parts[0]!.shape.toReversed() : parts[0]!.shape;
      const [rows = 1, ...columns] = own;
      const shape = parts.length === 1 ? withLeadingAxes(name, own) : [parts.length * rows, ...columns];
      return [name, { shape, parts, transposed }];
    }),
  );
}

/** Tokens and positions have axes of length one in front, which some origins leave out. */
function withLeadingAxes(name: string, shape: Shape): Shape {
  const isToken = /^(cls_token|dist_token|reg_token|pos_embed|attn_pool\.latent)$/.test(name);
  return isToken && shape.length < 3 ? [...Array<number>(3 - shape.length).fill(1), ...shape] : shape;
}

/** Reads all entries, one part at a time. */
export async function readCanonicalTensors(
  entries: ReadonlyMap<string, CanonicalEntry>,
  { signal, onProgress }: LongCallOptions,
): Promise<Map<string, HostTensor<'float32'>>> {
  const parts = [...entries.values()].flatMap((entry) => entry.parts);
  const total = parts.reduce((bytes, part) => bytes + part.byteLength, 0);
  let done = 0;
  const tensors = new Map<string, HostTensor<'float32'>>();
  for (const [name, entry] of entries) {
    const read: HostTensor<'float32'>[] = [];
    for (const part of entry.parts) {
      throwIfAborted(signal, 'fromPretrained');
      read.push(await part.read());
      done += part.byteLength;
      onProgress?.({ stage: 'read', done, total, unit: 'bytes' });
    }
    const whole = read.length === 1 ? read[0]! : joinRows(entry.shape, read);
    tensors.set(name, entry.transposed ? transposed(whole) : float32(entry.shape, whole.data));
  }
  return tensors;
}

function joinRows(shape: Shape, parts: readonly HostTensor<'float32'>[]): HostTensor<'float32'> {
  const data = new Float32Array(parts.reduce((length, part) => length + part.data.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  return float32(shape, data);
}
