/** What attention knows of positions: rotary embedding, and the bias by offset. */

import { prefixOf, sideOf, type PlainConfig, type PlainTensor } from './network.js';

/** Row and column of a patch; a prefix token has none. */
function placeOf(config: PlainConfig, position: number): readonly [row: number, column: number] | undefined {
  const patch = position - prefixOf(config).length;
  const side = sideOf(config);
  return patch < 0 ? undefined : [Math.floor(patch / side), patch % side];
}

/**
 * Rotates a query or key by its position. In each head `d/4` pairs of channels turn by the row, `d/4` by the column; pair `j` of either
 * turns by coordinate · base^(−4j/d).
 * - `half` (DINOv3): the pairs are `(c, c + d/2)`, the coordinates are 2π times the centre of the patch in −1..1, the base is 100.
 * - `interleaved` (EVA-02): the pairs are `(2c, 2c + 1)`, the coordinates count patches as on a grid of 16, the base is 10 000.
 */
export function rotate(config: PlainConfig, x: readonly number[], position: number): number[] {
  const { rope = 'none', width, heads } = config;
  const place = placeOf(config, position);
  if (rope === 'none' || !place) return [...x];
  const size = width / heads;
  const side = sideOf(config);
  const turned = [...x];
  for (let head = 0; head < heads; head++) {
    for (const [axis, at] of place.entries()) {
      for (let j = 0; j < size / 4; j++) {
        const pair = axis * (size / 4) + j;
        const [first, second] = rope === 'half' ? [pair, pair + size / 2] : [2 * pair, 2 * pair + 1];
        const coordinate = rope === 'half' ? 2 * Math.PI * (2 * ((at + 0.5) / side) - 1) : (at * 16) / side;
        const angle = coordinate * (rope === 'half' ? 100 : 10_000) ** ((-4 * j) / size);
        const [a, b] = [x[head * size + first]!, x[head * size + second]!];
        turned[head * size + first] = a * Math.cos(angle) - b * Math.sin(angle);
        turned[head * size + second] = a * Math.sin(angle) + b * Math.cos(angle);
      }
    }
  }
  return turned;
}

/**
 * The bias of a query on a key in one head (BEiT). The table has a row for each offset of two patches; the last three rows are for a
 * prefix token on a patch, a patch on a prefix token, and two prefix tokens.
 */
export function offsetBias(
  config: PlainConfig,
  table: PlainTensor,
  query: number,
  key: number,
  head: number,
): number {
  const side = sideOf(config);
  const offsets = 2 * side - 1;
  const [from, to] = [placeOf(config, query), placeOf(config, key)];
  const row = (): number => {
    if (from && to) return (from[0] - to[0] + side - 1) * offsets + (from[1] - to[1] + side - 1);
    if (to) return offsets ** 2;
    return offsets ** 2 + (from ? 1 : 2);
  };
  return table.data[row() * config.heads + head]!;
}
