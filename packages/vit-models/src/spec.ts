/**
 * Every parameter of a network once: its place in the tree, its shape, and its place in a checkpoint. Reading, writing,
 * counting, starting values and the shapes of an architecture follow from this list.
 */

import { sizeOf, type Shape } from '@patchslim/tensor';
import {
  gridSize,
  hasClassToken,
  isDistilled,
  prefixRoles,
  switchesOf,
  tokenCount,
  type VitConfig,
} from './config.js';
import { linear, norm, value, type ParamEntry } from './param-entry.js';
import { poolOf } from './pools/list.js';
import { stemOf } from './stems/list.js';

/** All parameters of an architecture, in the order of the forward pass. */
export function vitSpec(config: VitConfig): ParamEntry[] {
  const { width, classes, depth } = config;
  const { preNorm, lastNorm, headless, headBias } = switchesOf(config);
  const features = poolOf(config).width(config);
  return [
    ...stemOf(config).params(config),
    ...prefixParams(config),
    ...positionParams(config),
    ...(preNorm ? norm('preNorm', 'norm_pre', width) : []),
    ...Array.from({ length: depth }, (_, block) => blockParams(config, block)).flat(),
    ...(lastNorm === 'none' ? [] : norm('norm', lastNorm === 'pooled' ? 'fc_norm' : 'norm', width)),
    ...poolOf(config).params(config),
    ...(headless ? [] : linear('head', 'head', [features, classes], headBias)),
    ...(!headless && isDistilled(config) ? linear('distilledHead', 'head_dist', [width, classes]) : []),
  ];
}

function prefixParams(config: VitConfig): ParamEntry[] {
  const { width } = config;
  const registers = prefixRoles(config).filter((role) => role === 'register').length;
  return [
    ...(hasClassToken(config) ? [value('prefix.class', 'cls_token', [1, 1, width])] : []),
    ...(isDistilled(config) ? [value('prefix.distillation', 'dist_token', [1, 1, width])] : []),
    ...(registers > 0 ? [value('prefix.registers', 'reg_token', [1, registers, width])] : []),
  ];
}

function positionParams(config: VitConfig): ParamEntry[] {
  const { positions } = switchesOf(config);
  if (positions === 'none') return [];
  const rows = positions === 'all' ? tokenCount(config) : gridSize(config) ** 2;
  return [value('positions', 'pos_embed', [1, rows, config.width])];
}

function blockParams(config: VitConfig, index: number): ParamEntry[] {
  const { width, heads, mlpWidth } = config;
  const { attentionNorm, layerScale, mlp, mlpNorm, relativePositions } = switchesOf(config);
  const path = `blocks.${index}`;
  const square = [width, width] as const;
  const scale = (number: 1 | 2) =>
    layerScale ? [value(`${path}.scale${number}`, `${path}.ls${number}.gamma`, [width])] : [];
  return [
    ...norm(`${path}.norm1`, `${path}.norm1`, width),
    ...qkvParams(config, path),
    ...(relativePositions
      ? [
          value(`${path}.relativePositions`, `${path}.attn.relative_position_bias_table`, [
            (2 * gridSize(config) - 1) ** 2 + 3,
            heads,
          ]),
        ]
      : []),
    ...(attentionNorm ? norm(`${path}.attentionNorm`, `${path}.attn.norm`, width) : []),
    ...linear(`${path}.projection`, `${path}.attn.proj`, square),
    ...scale(1),
    ...norm(`${path}.norm2`, `${path}.norm2`, width),
    ...(mlp === 'gated' ? linear(`${path}.gate`, `${path}.mlp.fc1`, [width, mlpWidth]) : []),
    ...linear(`${path}.mlp1`, `${path}.mlp.fc1`, [width, mlpWidth]),
    ...(mlpNorm ? norm(`${path}.mlpNorm`, `${path}.mlp.norm`, mlpWidth) : []),
    ...linear(`${path}.mlp2`, `${path}.mlp.fc2`, [mlpWidth, width]),
    ...scale(2),
  ];
}

/** One matrix for query, key and value; one bias too, unless the key has none. */
function qkvParams(config: VitConfig, path: string): ParamEntry[] {
  const { width } = config;
  const { qkvBias } = switchesOf(config);
  return (['query', 'key', 'value'] as const).flatMap((part) => {
    const [weight, bias] = linear(`${path}.${part}`, `${path}.attn.qkv`, [width, width]);
    if (qkvBias === 'all') return [weight!, bias!];
    if (qkvBias === 'none' || part === 'key') return [weight!];
    return [weight!, { ...bias!, tensor: `${path}.attn.${part[0]}_bias` }];
  });
}

/** A tensor of a checkpoint. */
export interface CanonicalTensor {
  readonly name: string;
  readonly shape: Shape;
  /** The parameters that are its rows. */
  readonly entries: readonly ParamEntry[];
}

/** The tensors of a checkpoint, each with its parameters. */
export function canonicalTensors(config: VitConfig): CanonicalTensor[] {
  const byName = new Map<string, ParamEntry[]>();
  for (const entry of vitSpec(config)) {
    const found = byName.get(entry.tensor);
    if (found) found.push(entry);
    else byName.set(entry.tensor, [entry]);
  }
  return [...byName].map(([name, entries]) => {
    const [rows, ...rest] = entries[0]!.stored;
    const all = entries.length === 1 ? rows! : entries.reduce((sum, { stored }) => sum + stored[0]!, 0);
    return { name, shape: [all, ...rest], entries };
  });
}

/** Shapes of all weights by canonical name, in PyTorch's layout and in the order of the forward pass. */
export function canonicalShapes(config: VitConfig): ReadonlyMap<string, Shape> {
  return new Map(canonicalTensors(config).map(({ name, shape }) => [name, shape]));
}

/** Number of weights, position embeddings and tokens included. */
export function parameterCount(config: VitConfig): number {
  return vitSpec(config).reduce((total, { shape }) => total + sizeOf(shape), 0);
}
