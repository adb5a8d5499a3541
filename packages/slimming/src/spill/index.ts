/** Storage for rows that are too many for memory: files in Node; a browser keeps them in memory. */

import { isNode } from '@patchslim/tensor/files';
import { openFileSpill } from './file-spill.js';
import { openMemorySpill } from './memory-spill.js';

/** Lists of rows of equal length, one list per depth. */
export interface Spill {
  /** Appends whole rows to a list. */
  append(depth: number, rows: Float32Array): Promise<void>;
  /** Reads `count` rows from row `first` on; the caller owns them. */
  read(depth: number, first: number, count: number): Promise<Float32Array>;
  /** Frees the storage. Safe to call again. */
  close(): Promise<void>;
}

/** @throws IO_FAILED when the temporary folder cannot be used */
export function openSpill(depths: number, rowSize: number): Promise<Spill> {
  return isNode() ? openFileSpill(depths, rowSize) : Promise.resolve(openMemorySpill(depths, rowSize));
}
