/** Pixels to tokens as plain loops. */

import { affine, norm, rowOf } from './layers.js';
import { prefixOf, sideOf, type PlainConfig, type PlainParams } from './network.js';
import { plus } from './numbers.js';

/** Tokens of one image `[3, S, S]` before the first block: `[N][D]`. */
export function plainEmbedding(
  config: PlainConfig,
  params: PlainParams,
  image: ArrayLike<number>,
): number[][] {
  const { patchSize: p, imageSize: s } = config;
  const side = sideOf(config);
  const patches: number[][] = [];
  for (let y = 0; y < side * p; y += p) {
    for (let x = 0; x < side * p; x += p) {
      const pixels: number[] = [];
      for (let c = 0; c < 3; c++) {
        for (let dy = 0; dy < p; dy++)
          for (let dx = 0; dx < p; dx++) pixels.push(image[(c * s + y + dy) * s + x + dx]!);
      }
      patches.push(affine(pixels, params.patches));
    }
  }
  let register = 0;
  const prefix = prefixOf(config).map((role) =>
    role === 'register' ? rowOf(params.prefix.registers!, register++) : rowOf(params.prefix[role]!, 0),
  );
  const placed = (rows: readonly number[][]): number[][] =>
    rows.map((row, i) => plus(row, rowOf(params.positions!, i)));
  const tokens = {
    all: () => placed([...prefix, ...patches]),
    patches: () => [...prefix, ...placed(patches)],
    none: () => [...prefix, ...patches],
  }[config.positions ?? 'all']();
  return params.preNorm ? tokens.map((x) => norm(x, params.preNorm!, config.layerNormEps)) : tokens;
}
