/** The architecture of a vision transformer as plain data, and the token arithmetic that follows from it. */

import { PatchslimError, range } from '@patchslim/tensor';

/** What a token before the patches is for. */
export type PrefixRole = 'class' | 'distillation' | 'register';

/**
 * Everything about a vision transformer that is not a weight. Sizes in pixels, widths in channels. The optional fields are
 * switches: left out, they say what the original ViT does. A switch at its default changes no fingerprint, so a new switch
 * invalidates no plan (`switchesOf`).
 */
export interface VitConfig {
  readonly name: string;
  readonly imageSize: number;
  readonly patchSize: number;
  /** `D`, channels of a token. */
  readonly width: number;
  /** `L`, number of blocks. */
  readonly depth: number;
  /** `H`, attention heads per block; `width` is a multiple of it. */
  readonly heads: number;
  /** Channels inside the MLP; of a gated one, behind the gate. */
  readonly mlpWidth: number;
  /** Outputs of the head: classes, or the width of a projection; the width of the features where there is no head. */
  readonly classes: number;
  readonly layerNormEps: number;

  /**
   * Tokens before the patches, in their order; registers stand side by side. Default: the class token. With a distillation token
   * there is a second head.
   */
  readonly prefix?: readonly PrefixRole[];
  /** Short for a prefix of class and distillation token; without effect where `prefix` is given. Default: false. */
  readonly distilled?: boolean;
  /** How pixels become patch tokens. Default: one linear layer on each patch. */
  readonly stem?: 'patch' | 'conv' | 't2t-performer' | 't2t-transformer';
  /** Whether the patch projection has a bias. Default: true. */
  readonly patchBias?: boolean;
  /** The tokens that get a learned position embedding. Default: all. `patches` is added before the prefix tokens come. */
  readonly positions?: 'all' | 'patches' | 'none';
  /**
   * Rotary position embedding of queries and keys of the patches. `half` rotates channel `c` with `c + d/2`, by coordinates
   * from −1 to 1 (DINOv3); `interleaved` rotates neighbouring channels, by patch numbers on a grid of 16 (EVA-02). Default: none.
   */
  readonly rope?: 'none' | 'half' | 'interleaved';
  /** Whether each block adds a learned bias for the offset of two patches to its attention (BEiT). Default: false. */
  readonly relativePositions?: boolean;
  /** Whether a LayerNorm comes before the first block (CLIP). Default: false. */
  readonly preNorm?: boolean;
  /** Biases of query, key and value. Default: all. */
  readonly qkvBias?: 'all' | 'query-value' | 'none';
  /** Whether a LayerNorm comes between attention and its projection (EVA-02-CLIP). Default: false. */
  readonly attentionNorm?: boolean;
  /** Default: two layers. `gated`: `(act(x G) ∘ x W₁) W₂` (SwiGLU). */
  readonly mlp?: 'plain' | 'gated';
  /** Whether a LayerNorm comes between activation and second layer of the MLP (EVA-02-B). Default: false. */
  readonly mlpNorm?: boolean;
  /** Default: exact GELU; of a gated MLP SiLU. */
  readonly activation?: 'gelu' | 'gelu-tanh' | 'quick-gelu' | 'silu';
  /** Whether each branch is scaled by a learned vector (LayerScale). Default: false. */
  readonly layerScale?: boolean;
  /** Factor of each branch (LV-ViT). Default: 1. */
  readonly residualScale?: number;
  /**
   * What the head reads: the rows of class and distillation token; the mean of the patches, weighted by size; both joined; the
   * output of an attention pool (SigLIP); or the class token and every patch (LV-ViT). Default: class.
   */
  readonly pool?: 'class' | 'mean' | 'class-mean' | 'attention' | 'class-patches';
  /** Where the last LayerNorm is: on the tokens, or on what the pool gives; or there is none. Default: tokens. */
  readonly lastNorm?: 'tokens' | 'pooled' | 'none';
  /** Whether the head has a bias. Default: true. */
  readonly headBias?: boolean;
  /** True of an encoder, whose weights came without a head: its `logits` are its features (`givesEmbedding`). Default: false. */
  readonly headless?: boolean;
  /** True of an encoder whose head projects the features: its `logits` are an embedding (CLIP, `givesEmbedding`). Default: false. */
  readonly projection?: boolean;
  /** True of a head whose classes do not exclude each other: a sigmoid for each (`headActivation`). It is no part of a fingerprint. */
  readonly multiLabel?: boolean;
}

/** Sizes, as against switches. */
const sizes = [
  'name',
  'imageSize',
  'patchSize',
  'width',
  'depth',
  'heads',
  'mlpWidth',
  'classes',
  'layerNormEps',
];

/** Values of the switches that stand for their absence. */
const defaults = {
  prefix: ['class'],
  stem: 'patch',
  patchBias: true,
  positions: 'all',
  rope: 'none',
  relativePositions: false,
  preNorm: false,
  qkvBias: 'all',
  attentionNorm: false,
  mlp: 'plain',
  mlpNorm: false,
  activation: 'gelu',
  layerScale: false,
  residualScale: 1,
  pool: 'class',
  lastNorm: 'tokens',
  headBias: true,
  headless: false,
  projection: false,
} as const satisfies Partial<VitConfig>;

/** The values of switches that are words. */
const words: Partial<Record<string, readonly string[]>> = {
  stem: ['patch', 'conv', 't2t-performer', 't2t-transformer'],
  positions: ['all', 'patches', 'none'],
  rope: ['none', 'half', 'interleaved'],
  qkvBias: ['all', 'query-value', 'none'],
  mlp: ['plain', 'gated'],
  activation: ['gelu', 'gelu-tanh', 'quick-gelu', 'silu'],
  pool: ['class', 'mean', 'class-mean', 'attention', 'class-patches'],
  lastNorm: ['tokens', 'pooled', 'none'],
};
const roles: readonly unknown[] = ['class', 'distillation', 'register'] satisfies PrefixRole[];

/** Whether a key is the name of a switch, and the value one of its values. */
export function isSwitchValue(key: string, value: unknown): boolean {
  if (!Object.hasOwn(defaults, key)) return false;
  if (key === 'prefix') return Array.isArray(value) && isPrefix(value);
  if (key === 'residualScale') return typeof value === 'number' && value > 0 && value <= 1;
  return words[key]?.includes(value as string) ?? typeof value === 'boolean';
}

/** One class token and one distillation token at most, and the registers side by side. */
function isPrefix(value: readonly unknown[]): boolean {
  const runs = value.filter((role, i) => role !== 'register' || value[i - 1] !== role);
  return value.length < 100 && runs.every((role, i) => roles.includes(role) && runs.indexOf(role) === i);
}

/** The names of all switches. */
export type Switch = keyof typeof defaults;

/** All switches with their values. */
export type Switches = Required<Pick<VitConfig, Switch>>;

/** The value of every switch. */
export function switchesOf(config: Partial<VitConfig>): Switches {
  const activation = config.mlp === 'gated' ? 'silu' : defaults.activation;
  return { ...defaults, activation, ...withoutUndefined(config), prefix: prefixRoles(config) };
}

/** The switches that are not at their default, in the order of their names: equal architectures give equal objects. */
export function changedSwitches(config: Partial<VitConfig>): Partial<Switches> {
  const values = switchesOf(config);
  const usual = switchesOf({ mlp: values.mlp });
  const changed = (Object.keys(defaults) as Switch[])
    .filter((key) => String(values[key]) !== String(key === 'mlp' ? defaults.mlp : usual[key]))
    .sort();
  return Object.fromEntries(changed.map((key) => [key, values[key]]));
}

function withoutUndefined(config: Partial<VitConfig>): Partial<VitConfig> {
  return Object.fromEntries(
    Object.entries(config).filter(([key, value]) => value !== undefined && !sizes.includes(key)),
  );
}

/** The fields of an architecture that say which tokens come before the patches. */
type WithPrefix = Pick<VitConfig, 'prefix' | 'distilled'>;

const withDistillation: readonly PrefixRole[] = ['class', 'distillation'];

/** The roles of the tokens before the patches. */
export const prefixRoles = ({ prefix, distilled = false }: WithPrefix): readonly PrefixRole[] =>
  prefix ?? (distilled ? withDistillation : defaults.prefix);

/** Whether there is a class token. */
export const hasClassToken = (config: WithPrefix): boolean => prefixRoles(config).includes('class');

/** Whether there is a distillation token, and with it a second head. */
export const isDistilled = (config: WithPrefix): boolean => prefixRoles(config).includes('distillation');

/** Tokens before the patches: class, distillation and register tokens. */
export const prefixTokens = (config: WithPrefix): number => prefixRoles(config).length;

/** Positions of the tokens before the patches. */
export const prefixPositions = (config: WithPrefix): number[] => range(prefixTokens(config));

/** Patches along one side of the image; pixels behind the last whole patch are not used. */
export function gridSize({ imageSize, patchSize }: Pick<VitConfig, 'imageSize' | 'patchSize'>): number {
  return Math.floor(imageSize / patchSize);
}

/** `N`: prefix tokens and patches. */
export function tokenCount(config: VitConfig): number {
  return prefixTokens(config) + gridSize(config) ** 2;
}

/**
 * The same architecture with `classes` outputs.
 *
 * @throws `INVALID_ARGUMENT` unless `classes` is a positive integer
 */
export function withClasses(config: VitConfig, classes: number): VitConfig {
  requirePositiveInteger('withClasses', 'classes', classes);
  return { ...config, classes };
}

/**
 * The same architecture for images of another size, in pixels.
 *
 * @throws `INVALID_ARGUMENT` unless `imageSize` is a positive multiple of the patch size
 */
export function withImageSize(config: VitConfig, imageSize: number): VitConfig {
  requirePositiveInteger('withImageSize', 'imageSize', imageSize);
  if (imageSize % config.patchSize !== 0) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `withImageSize: expected a multiple of the patch size ${config.patchSize}, got ${imageSize}`,
      { imageSize, patchSize: config.patchSize },
    );
  }
  return { ...config, imageSize };
}

function requirePositiveInteger(where: string, what: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new PatchslimError('INVALID_ARGUMENT', `${where}: expected ${what} > 0, an integer, got ${value}`, {
    [what]: value,
  });
}
