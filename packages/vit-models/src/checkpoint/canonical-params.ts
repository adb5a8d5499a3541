/** The way back from a parameter tree to the tensors of a checkpoint: the inverse of `readParams`. */

import { float32, type HostTensor } from '@patchslim/tensor';
import type { VitConfig } from '../configs.js';
import { transposed, type LinearParams, type NormParams, type VitParams } from '../params.js';

type Host = HostTensor<'float32'>;

/** Weights by canonical name, in PyTorch's layout and in the order of `canonicalShapes`. */
export function canonicalParams(config: VitConfig, params: VitParams<Host>): Map<string, Host> {
  const { width, patchSize } = config;
  const tensors = new Map<string, Host>();
  const linear = (name: string, { weight, bias }: LinearParams<Host>): void => {
    tensors.set(`${name}.weight`, transposed(weight));
    tensors.set(`${name}.bias`, bias);
  };
  const norm = (name: string, { gamma, beta }: NormParams<Host>): void => {
    tensors.set(`${name}.weight`, gamma);
    tensors.set(`${name}.bias`, beta);
  };

  linear('patch_embed.proj', params.patches);
  const kernel = tensors.get('patch_embed.proj.weight')!;
  tensors.set('patch_embed.proj.weight', float32([width, 3, patchSize, patchSize], kernel.data));
  tensors.set('cls_token', float32([1, 1, width], params.prefix.data.slice(0, width)));
  if (config.distilled) tensors.set('dist_token', float32([1, 1, width], params.prefix.data.slice(width)));
  tensors.set('pos_embed', params.positions);
  for (const [index, block] of params.blocks.entries()) {
    const path = `blocks.${index}`;
    norm(`${path}.norm1`, block.norm1);
    const { weight, bias } = joined([block.query, block.key, block.value]);
    tensors.set(`${path}.attn.qkv.weight`, weight);
    tensors.set(`${path}.attn.qkv.bias`, bias);
    linear(`${path}.attn.proj`, block.projection);
    norm(`${path}.norm2`, block.norm2);
    linear(`${path}.mlp.fc1`, block.mlp1);
    linear(`${path}.mlp.fc2`, block.mlp2);
  }
  norm('norm', params.norm);
  linear('head', params.head);
  if (params.distilledHead) linear('head_dist', params.distilledHead);
  return tensors;
}

/** Query, key and value as the one matrix of the checkpoint, `[3 · D, D]`. */
function joined(parts: readonly LinearParams<Host>[]): { weight: Host; bias: Host } {
  const stacked = (tensors: readonly Host[]): Host => {
    const [rows = 0, ...rest] = tensors[0]!.shape;
    return float32(
      [tensors.length * rows, ...rest],
      Float32Array.from(tensors.flatMap(({ data }) => [...data])),
    );
  };
  return {
    weight: stacked(parts.map(({ weight }) => transposed(weight))),
    bias: stacked(parts.map(({ bias }) => bias)),
  };
}
