/** A small architecture with the switches of each model family, for tests. Together they set every switch away from its default. */

import type { PlainConfig } from './network.js';

/** `VitConfig`, with the switches that plain loops find in the weights. */
interface FamilyConfig extends PlainConfig {
  readonly name: string;
  readonly depth: number;
  readonly mlpWidth: number;
  readonly classes: number;
  readonly patchBias?: boolean;
  readonly relativePositions?: boolean;
  readonly preNorm?: boolean;
  readonly qkvBias?: 'all' | 'query-value' | 'none';
  readonly attentionNorm?: boolean;
  readonly mlpNorm?: boolean;
  readonly layerScale?: boolean;
  readonly headBias?: boolean;
  readonly headless?: boolean;
  readonly projection?: boolean;
}

const small = {
  imageSize: 12,
  patchSize: 4,
  width: 16,
  depth: 3,
  heads: 2,
  mlpWidth: 12,
  classes: 5,
  layerNormEps: 1e-6,
} as const;

/** A network whose features are its output. */
const encoder = { classes: small.width, headless: true } as const;

const registers = ['class', 'register', 'register'] as const;

/** Assignable to `VitConfig`. */
export const familyConfigs: readonly FamilyConfig[] = [
  { ...small, name: 'vit' },
  {
    ...{ ...small, ...encoder, name: 'dinov3', prefix: registers, positions: 'none', rope: 'half' },
    ...{ qkvBias: 'none', mlp: 'gated', layerScale: true, layerNormEps: 1e-5 },
  },
  { ...small, ...encoder, name: 'siglip', prefix: [], pool: 'attention', activation: 'gelu-tanh' },
  {
    ...{ ...small, name: 'clip', patchBias: false, preNorm: true, activation: 'quick-gelu' },
    ...{ headBias: false, projection: true, layerNormEps: 1e-5 },
  },
  {
    ...{ ...small, name: 'beit', positions: 'none', relativePositions: true, qkvBias: 'query-value' },
    ...{ layerScale: true, pool: 'mean', lastNorm: 'pooled' },
  },
  {
    ...{ ...small, name: 'eva02', rope: 'interleaved', qkvBias: 'query-value', mlp: 'gated', mlpNorm: true },
    ...{ attentionNorm: true, pool: 'mean', lastNorm: 'pooled' },
  },
  {
    ...{ ...small, name: 'dinov2-registers', prefix: registers, positions: 'patches', layerScale: true },
    pool: 'class-mean',
  },
  { ...small, name: 'deit3', positions: 'patches', layerScale: true },
  { ...small, name: 'mae-mean', pool: 'mean', lastNorm: 'pooled' },
  { ...small, name: 'clip-classifier', preNorm: true, patchBias: false, pool: 'mean', lastNorm: 'none' },
  { ...small, name: 'deit-distilled', prefix: ['class', 'distillation'], imageSize: 16 },
  { ...small, name: 'lv-vit', qkvBias: 'none', residualScale: 0.5, pool: 'class-patches' },
  { ...small, name: 'siglip-classifier', prefix: [], pool: 'mean', activation: 'gelu-tanh' },
];
