/** Weight files, whatever their format: named tensors that are read one at a time. */

import type { HostTensor, Shape } from '@patchslim/tensor';

/** One tensor that lies in a file. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: Shape;
  /** Of the elements in the file, as the format calls it. */
  readonly dtype: string;
  /** What reading it takes from the file, for progress. */
  readonly byteLength: number;
  /**
   * All elements as float32, row by row.
   * @throws `CHECKPOINT_INVALID` when they are not floating-point, or not all finite; `IO_FAILED`
   */
  read(): Promise<HostTensor<'float32'>>;
}

/** What a weight file holds. Nothing but its index has been read. */
export interface Container {
  /** What errors call it. */
  readonly file: string;
  /** By name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Attention heads, where the file itself tells them. */
  readonly heads?: number | undefined;
  /** Whose format tells eps and preprocessing too. */
  readonly origin?: 'augreg' | undefined;
  /** Names in the file that are no tensors. */
  readonly ignored: readonly string[];
  /** Choices that were made for the user, a sentence each. */
  readonly remarks: readonly string[];
}
