/** Every weight of a model: its canonical name (timm's) and its shape (PyTorch's layout, `[out, in]`). */

import { sizeOf, type Shape } from '@patchslim/tensor';
import { tokenCount, type VitConfig } from '../configs.js';

/** Shapes by canonical name, in the order of the forward pass. */
export function canonicalShapes(config: VitConfig): ReadonlyMap<string, Shape> {
  const { width, mlpWidth, patchSize, classes, distilled } = config;
  const shapes = new Map<string, Shape>();
  const affine = (name: string, weight: Shape) => {
    shapes.set(`${name}.weight`, weight);
    shapes.set(`${name}.bias`, weight.slice(0, 1));
  };

  affine('patch_embed.proj', [width, 3, patchSize, patchSize]);
  shapes.set('cls_token', [1, 1, width]);
  if (distilled) shapes.set('dist_token', [1, 1, width]);
  shapes.set('pos_embed', [1, tokenCount(config), width]);
  for (let block = 0; block < config.depth; block++) {
    const path = `blocks.${block}`;
    affine(`${path}.norm1`, [width]);
    affine(`${path}.attn.qkv`, [3 * width, width]);
    affine(`${path}.attn.proj`, [width, width]);
    affine(`${path}.norm2`, [width]);
    affine(`${path}.mlp.fc1`, [mlpWidth, width]);
    affine(`${path}.mlp.fc2`, [width, mlpWidth]);
  }
  affine('norm', [width]);
  affine('head', [classes, width]);
  if (distilled) affine('head_dist', [classes, width]);
  return shapes;
}

/** Number of weights, position embeddings and tokens included. */
export function parameterCount(config: VitConfig): number {
  return [...canonicalShapes(config).values()].reduce((total, shape) => total + sizeOf(shape), 0);
}
