/** Programs with a fixed batch size, for any number of rows. */

import { add, float32, mul, reshape, sum } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { backends } from '../test/image-files.js';
import { compileBatched } from './batched-program.js';

const count = (rows: number, width: number) =>
  float32(
    [rows, width],
    Array.from({ length: rows * width }, (_, i) => i + 1),
  );

describe.each(backends)('compileBatched, %s', (_, createBackend) => {
  it('runs any number of rows up to the batch size and gives back as many', async () => {
    const backend = await createBackend();
    const program = await compileBatched(backend, 3, { x: [2], y: [] }, ({ x, y }) => ({
      scaled: mul(x, reshape(y, [3, 1])),
      total: sum(add(x, 1), -1),
    }));
    expect(program.batchSize).toBe(3);
    for (const rows of [1, 2, 3]) {
      const y = float32([rows], [10, 20, 30].slice(0, rows));
      const { scaled, total } = await program.run({ x: count(rows, 2), y });
      expect(scaled).toMatchObject({
        shape: [rows, 2],
        data: Float32Array.of(10, 20, 60, 80, 150, 180).slice(0, 2 * rows),
      });
      expect(total).toMatchObject({ shape: [rows], data: Float32Array.of(5, 9, 13).slice(0, rows) });
    }
    expect(backend.memory.liveTensors).toBe(0);
    await program.dispose();
  });

  it('refuses more rows', async () => {
    const program = await compileBatched(await createBackend(), 2, { x: [4] }, ({ x }) => ({ y: mul(x, 2) }));
    await expect(program.run({ x: count(3, 4) })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await program.dispose();
  });
});
