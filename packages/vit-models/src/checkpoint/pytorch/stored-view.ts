/** A tensor as PyTorch saves it: a view of a storage, with an offset and strides in elements. */

import type { Shape } from '@patchslim/tensor';
import { PersistentId, PickleTuple } from '../pickle/pickle-values.js';
import type { ElementType } from './element-types.js';

/** The storage that a tensor looks at. */
export interface StorageRef {
  readonly key: string;
  readonly type: ElementType;
  /** Elements, of its type. */
  readonly length: number;
  /** First element of a view into an older file's storage. */
  readonly offset: number;
}

export class StoredView {
  constructor(
    readonly storage: StorageRef,
    readonly type: ElementType,
    /** In elements. */
    readonly offset: number,
    readonly shape: Shape,
    readonly strides: readonly number[],
  ) {}
}

/** Dimensions of any tensor that PyTorch makes. */
const mostDimensions = 64;

/**
 * The tensor that `_rebuild_tensor_v2` (v3: of another `type` than the storage) would make.
 *
 * @throws TypeError for arguments that make none
 */
export function storedView(
  storage: unknown,
  offset: unknown,
  size: unknown,
  stride: unknown,
  storageOf: (id: PersistentId) => StorageRef,
  type?: ElementType,
): StoredView {
  if (!(storage instanceof PersistentId)) throw new TypeError('expected a storage');
  const ref = storageOf(storage);
  const own = type ?? ref.type;
  const [shape, strides] = [counts(size), counts(stride)];
  if (!isCount(offset) || shape?.length !== strides?.length || !shape || !strides) {
    throw new TypeError('expected an offset, a size and strides');
  }
  const elements = shape.reduce((product, dim) => product * dim, 1);
  const length = Math.floor((ref.length * ref.type.bytes) / own.bytes);
  const last =
    elements === 0 ? 0 : shape.reduce((sum, dim, axis) => sum + (dim - 1) * strides[axis]!, offset) + 1;
  if (!Number.isSafeInteger(elements) || last > length) {
    throw new TypeError(
      `size [${shape.slice(0, 8).join(',')}] reaches beyond its storage of ${length} elements`,
    );
  }
  if (elements > length) throw new TypeError(`size [${shape.slice(0, 8).join(',')}] repeats the elements of its storage; save the tensor with .contiguous()`); // prettier-ignore
  return new StoredView(ref, own, offset, shape, strides);
}

function counts(value: unknown): number[] | undefined {
  if (!(value instanceof PickleTuple) || value.items.length > mostDimensions) return undefined;
  return value.items.every(isCount) ? [...value.items] : undefined;
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
