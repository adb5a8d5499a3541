/** The switches of a network that its tensors show. */

import type { Shape } from '@patchslim/tensor';
import type { PrefixRole, Switches, VitConfig } from '../config.js';
import { stemOf } from '../stems/list.js';

/** Shapes by canonical name. */
type Tensors = ReadonlyMap<string, { readonly shape: Shape }>;

/**
 * The switches that tensors show by their presence. A bias that is absent is missing, unless the family or `config.json` says
 * that there is none.
 */
export function shownSwitches(tensors: Tensors, told: Partial<VitConfig>): Partial<VitConfig> {
  const has = (name: string) => tensors.has(name);
  const block = (name: string) => has(`blocks.0.${name}`);
  const [, registers = 0] = tensors.get('reg_token')?.shape ?? [];
  const distilled = has('dist_token') || has('head_dist.weight');
  const prefix: PrefixRole[] = [
    ...(has('cls_token') ? (['class'] as const) : []),
    ...(distilled ? (['distillation'] as const) : []),
    ...Array<PrefixRole>(Math.min(registers, 64)).fill('register'),
  ];
  const lastNorm = has('norm.weight') ? 'tokens' : has('fc_norm.weight') ? 'pooled' : 'none';
  const stem = stemShown(has);
  const { projection } = stemOf({ stem });
  return {
    prefix,
    stem,
    patchBias: has(`${projection.tensor}.bias`) || told.patchBias !== false,
    relativePositions: block('attn.relative_position_bias_table'),
    preNorm: has('norm_pre.weight'),
    qkvBias: block('attn.q_bias') ? 'query-value' : block('attn.qkv.bias') ? 'all' : (told.qkvBias ?? 'all'),
    attentionNorm: block('attn.norm.weight'),
    mlp: rowsOf(tensors, 'fc1') === 2 * columnsOf(tensors, 'fc2') ? 'gated' : 'plain',
    mlpNorm: block('mlp.norm.weight'),
    layerScale: block('ls1.gamma'),
    pool: poolShown(tensors, told, lastNorm),
    lastNorm,
    headBias: has('head.bias') || told.headBias !== false,
  };
}

export function stemShown(has: (name: string) => boolean): Switches['stem'] {
  if (has('patch_embed.conv1.weight')) return 'conv';
  if (has('tokens_to_token.attention1.w')) return 't2t-performer';
  return has('tokens_to_token.attention1.attn.qkv.weight') ? 't2t-transformer' : 'patch';
}

function poolShown(
  tensors: Tensors,
  told: Partial<VitConfig>,
  lastNorm: Switches['lastNorm'],
): Switches['pool'] {
  if (tensors.has('attn_pool.latent')) return 'attention';
  if (tensors.has('aux_head.weight')) return 'class-patches';
  const width = tensors.get('cls_token')?.shape[2];
  if (width !== undefined && tensors.get('head.weight')?.shape[1] === 2 * width) return 'class-mean';
  if (!tensors.has('cls_token')) return 'mean';
  return told.pool === 'attention' ? 'class' : (told.pool ?? (lastNorm === 'tokens' ? 'class' : 'mean'));
}

const rowsOf = (tensors: Tensors, layer: string) => tensors.get(`blocks.0.mlp.${layer}.weight`)?.shape[0];
const columnsOf = (tensors: Tensors, layer: string) =>
  tensors.get(`blocks.0.mlp.${layer}.weight`)?.shape[1] ?? 0;
