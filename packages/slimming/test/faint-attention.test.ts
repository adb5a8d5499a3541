/** `ward` where the class token hardly attends to a patch: float32 must not lose the rows. On native ONNX. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { createReducer } from '@patchslim/token-reducers';
import { createRandom, float32, range, runOnHost, withPrograms } from '@patchslim/tensor';
import { expect, it } from 'vitest';
import { config } from './small-model.js';

const [tokens, width, left] = [17, config.width, 9];
const reducer = createReducer('ward', { deal: 'checkerboard', norms: 'kept' });

it.each([0.05, 1e-12, 1e-30, 0])('merged rows keep their lengths at an attention of %d', async (faint) => {
  const backend = await createOnnxBackend({ threads: 1 });
  const random = createRandom(1);
  const rows = float32(
    [1, tokens, width],
    Float32Array.from({ length: tokens * width }, () => random() + 0.5),
  );
  const attention = new Float32Array(config.heads * tokens).fill(faint);
  await withPrograms(async (own) => {
    const program = own(
      await backend.compile(
        ({ x }) => {
          const row = backend.constant(float32([1, config.heads, 1, tokens], attention));
          const reduced = reducer.reduce(
            {
              config,
              tokens: x,
              rows: x,
              keys: x,
              values: x,
              positions: range(tokens),
              classAttention: () => row,
            },
            left,
          );
          return { merged: reduced.tokens!, sizes: reduced.sizes! };
        },
        { x: { shape: [1, tokens, width], dtype: 'float32' } },
      ),
    );
    const { merged, sizes } = await runOnHost(backend, program, { x: rows });
    const lengthsOf = (values: ArrayLike<number>, count: number): number[] =>
      range(count).map((row) => Math.hypot(...range(width).map((channel) => values[row * width + channel]!)));
    const before = lengthsOf(rows.data, tokens);
    for (const length of lengthsOf(merged.data, left)) {
      expect(length).toBeGreaterThan(0.999 * Math.min(...before));
      expect(length).toBeLessThan(1.001 * Math.max(...before));
    }
    expect(Array.from(sizes.data).reduce((sum, size) => sum + size, 0)).toBeCloseTo(tokens, 4);
  });
});
