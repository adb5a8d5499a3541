/** Where rows of numbers go that are too many for memory: to files in Node; in a browser they do stay in memory. */

import { isNode } from '@patchslim/tensor/files';
import { openFileSpill } from './file-spill.js';
import { openMemorySpill } from './memory-spill.js';

/** Lists of rows of one length, one list per depth. */
export interface Spill {
  /** Adds whole rows at the end of a list. */
  append(depth: number, rows: Float32Array): Promise<void>;
  /** `count` rows from row `first` on; the caller may keep them. */
  read(depth: number, first: number, count: number): Promise<Float32Array>;
  /** Gives the room back. Harmless when called again. */
  close(): Promise<void>;
}

/** @throws IO_FAILED when the temporary folder cannot be used */
export function openSpill(depths: number, rowSize: number): Promise<Spill> {
  return isNode() ? openFileSpill(depths, rowSize) : Promise.resolve(openMemorySpill(depths, rowSize));
}
