/** Rows in memory, for browsers. */

import type { Spill } from './index.js';

export function openMemorySpill(depths: number, rowSize: number): Spill {
  const lists = Array.from({ length: depths }, (): Float32Array[] => []);
  return {
    append(depth, rows) {
      for (let at = 0; at < rows.length; at += rowSize) lists[depth]!.push(rows.slice(at, at + rowSize));
      return Promise.resolve();
    },
    read(depth, first, count) {
      const result = new Float32Array(count * rowSize);
      for (const [i, row] of lists[depth]!.slice(first, first + count).entries())
        result.set(row, i * rowSize);
      return Promise.resolve(result);
    },
    close() {
      for (const list of lists) list.length = 0;
      return Promise.resolve();
    },
  };
}
