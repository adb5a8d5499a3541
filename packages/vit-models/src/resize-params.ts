/** Parameters of one architecture as a start for another that cuts images differently. */

import { float32, PatchslimError, type HostTensor } from '@patchslim/tensor';
import { resizePositionEmbedding } from './checkpoint/position-embedding.js';
import { changedSwitches, gridSize, prefixTokens, switchesOf, type VitConfig } from './config.js';
import type { VitParams } from './params.js';

/**
 * The parameters for `to`, which may differ from `from` in image size, and in a patch size that divides the old one: then
 * each pixel of a new patch stands for a square of the old patch, and takes the sum of its weights. A patch of one colour
 * is embedded as before. (Beyer et al., FlexiViT, arXiv 2212.08013, study this and other ways.)
 *
 * @throws INVALID_ARGUMENT when something else differs
 */
export function resizeParams(
  from: VitConfig,
  to: VitConfig,
  params: VitParams<HostTensor<'float32'>>,
): VitParams<HostTensor<'float32'>> {
  const differing = (['width', 'depth', 'heads', 'mlpWidth', 'classes'] as const).filter(
    (key) => from[key] !== to[key],
  );
  const [own, wanted] = [from, to].map((config) => JSON.stringify(changedSwitches(config)));
  const factor = from.patchSize / to.patchSize;
  const isPlain = switchesOf(from).stem === 'patch';
  if (differing.length > 0 || own !== wanted || !Number.isInteger(factor) || (factor !== 1 && !isPlain)) {
    const problem = differing.map((key) => `${key} ${from[key]} and ${to[key]}`);
    if (own !== wanted) problem.push(`switches ${own} and ${wanted}`);
    if (factor !== 1) problem.push(`patches of ${from.patchSize} and ${to.patchSize} pixels`);
    throw new PatchslimError('INVALID_ARGUMENT', `resizeParams(): cannot go between ${problem.join(', ')}`);
  }
  const before = switchesOf(to).positions === 'all' ? prefixTokens(to) : 0;
  const resize = (positions: HostTensor<'float32'>) =>
    gridSize(from) === gridSize(to)
      ? positions
      : resizePositionEmbedding(positions, { prefixTokens: before, gridSize: gridSize(to) });
  return {
    ...params,
    patches: { ...params.patches, weight: gatherPixels(params.patches.weight, from.patchSize, factor) },
    ...(params.positions && { positions: resize(params.positions) }),
  };
}

/** `[3 · P², D] → [3 · (P / factor)², D]`: sums over squares of `factor` pixels. */
function gatherPixels(
  weight: HostTensor<'float32'>,
  patchSize: number,
  factor: number,
): HostTensor<'float32'> {
  if (factor === 1) return weight;
  const width = weight.shape[1]!;
  const side = patchSize / factor;
  const result = new Float32Array(3 * side * side * width);
  for (let pixel = 0; pixel < 3 * patchSize * patchSize; pixel++) {
    const [channel, row, column] = [
      Math.floor(pixel / patchSize ** 2),
      Math.floor(pixel / patchSize) % patchSize,
      pixel % patchSize,
    ];
    const target = (channel * side + Math.floor(row / factor)) * side + Math.floor(column / factor);
    for (let d = 0; d < width; d++) result[target * width + d]! += weight.data[pixel * width + d]!;
  }
  return float32([3 * side * side, width], result);
}
