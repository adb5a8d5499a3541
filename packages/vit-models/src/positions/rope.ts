/**
 * Rotary position embedding of queries and keys in two dimensions. Each head's channels are in pairs; a pair of a patch is
 * rotated by an angle in proportion to the patch's row or column. Prefix tokens are not rotated.
 */

import {
  add,
  concat,
  float32,
  gather,
  int32,
  mul,
  neg,
  reshape,
  slice,
  Tensor,
  type Backend,
} from '@patchslim/tensor';
import { gridSize, prefixTokens, switchesOf, type VitConfig } from '../config.js';
import type { Positions } from '../token-state.js';

/** Base of the frequencies: 100 in DINOv3, 10 000 in EVA-02. */
const bases = { half: 100, interleaved: 10_000 } as const;

/** Side of the grid on which EVA-02 was trained; other grids are scaled to it. */
const trainedGrid = 16;

/** Rotates `[B, n, D]` by the positions of its rows; without rotary embedding `x` itself. */
export function rotated(config: VitConfig, x: Tensor, positions: Positions): Tensor {
  const { rope } = switchesOf(config);
  if (rope === 'none') return x;
  const { backend, shape } = x;
  const [batch, rows, width] = shape as [number, number, number];
  const channels = width / config.heads;
  const { cos, sin } = anglesOf(config, rope);
  const byHead = reshape(x, [batch, rows, config.heads, channels]);
  const of = (table: Float32Array): Tensor => {
    const picked = rowsAt(backend, float32([table.length / channels, channels], table), positions);
    return reshape(picked, [picked.shape.length === 3 ? batch : 1, rows, 1, channels]);
  };
  const turned = rope === 'half' ? halfTurn(byHead) : neighbourTurn(byHead);
  return reshape(add(mul(byHead, of(cos)), mul(turned, of(sin))), shape);
}

/** Rows of a constant table: `[n, C]`, or `[B, n, C]` where each image has its own positions. */
function rowsAt(backend: Backend, table: ReturnType<typeof float32>, positions: Positions): Tensor {
  const [, channels] = table.shape as [number, number];
  if (positions instanceof Tensor) {
    const [batch, rows] = positions.shape as [number, number];
    const picked = gather(backend.constant(table), reshape(positions, [batch * rows]), 0);
    return reshape(picked, [batch, rows, channels]);
  }
  const picked = positions.flatMap((position) => [
    ...table.data.subarray(position * channels, (position + 1) * channels),
  ]);
  return backend.constant(float32([positions.length, channels], picked));
}

/** `(a, b) → (−b, a)` for the halves of the channels. */
function halfTurn(x: Tensor): Tensor {
  const half = x.shape[3]! / 2;
  const first = slice(x, [0, 0, 0, 0], [-1, -1, -1, half]);
  const second = slice(x, [0, 0, 0, half], [-1, -1, -1, half]);
  return concat([neg(second), first], 3);
}

/** `(a, b) → (−b, a)` for neighbouring channels. */
function neighbourTurn(x: Tensor): Tensor {
  const { shape } = x;
  const channels = shape[3]!;
  const order = Array.from({ length: channels }, (_, i) => i ^ 1);
  const swapped = gather(x, x.backend.constant(int32([channels], order)), 3);
  const signs = Float32Array.from({ length: channels }, (_, i) => (i % 2 === 0 ? -1 : 1));
  return mul(swapped, x.backend.constant(float32([1, 1, 1, channels], signs)));
}

/** Cosine and sine of every token and channel, `[N, D / H]`. */
function anglesOf(config: VitConfig, rope: 'half' | 'interleaved'): { cos: Float32Array; sin: Float32Array } {
  const channels = config.width / config.heads;
  const grid = gridSize(config);
  const prefix = prefixTokens(config);
  const [cos, sin] = [0, 1].map(() => new Float32Array((prefix + grid ** 2) * channels)) as [
    Float32Array,
    Float32Array,
  ];
  cos.fill(1, 0, prefix * channels);
  const quarter = channels / 4;
  for (let patch = 0; patch < grid ** 2; patch++) {
    const place = [Math.floor(patch / grid), patch % grid];
    for (let c = 0; c < channels; c++) {
      // Both layouts go through the rows' frequencies, then the columns'; `interleaved` has each twice in a row.
      const pair = rope === 'half' ? c % (channels / 2) : Math.floor(c / 2);
      const coordinate = place[Math.floor(pair / quarter)]!;
      const frequency = bases[rope] ** (-(pair % quarter) / quarter);
      const angle =
        rope === 'half'
          ? 2 * Math.PI * ((2 * coordinate + 1) / grid - 1) * frequency
          : ((coordinate * trainedGrid) / grid) * frequency;
      cos[(prefix + patch) * channels + c] = Math.cos(angle);
      sin[(prefix + patch) * channels + c] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
