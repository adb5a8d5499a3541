/** The architectures that patchslim knows by name, and the token arithmetic that follows from them. */

import { findByName, PatchslimError, range } from '@patchslim/tensor';
import { augregPreprocessing, deitPreprocessing, type Preprocessing } from './preprocessing.js';

/** Everything about a plain ViT or DeiT that is not a weight. Sizes in pixels, widths in channels. */
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
  readonly mlpWidth: number;
  readonly classes: number;
  /** Whether a distillation token and a second head are there; the logits are then the mean of both heads. */
  readonly distilled: boolean;
  readonly layerNormEps: number;
  /** True of an encoder, whose weights came without a head: its `logits` are its features, `classes` is `width` (`requireHead`). */
  readonly headless?: boolean;
  /** True of a head whose classes do not exclude each other: a sigmoid for each (`headActivation`). It is no part of a fingerprint. */
  readonly multiLabel?: boolean;
}

/** A named architecture with the preprocessing of its usual weights and the place where these are published. */
export interface VitPreset {
  readonly name: string;
  readonly config: VitConfig;
  readonly preprocessing: Preprocessing;
  /** Hugging Face hub repository with a `model.safetensors` in timm's names. */
  readonly hubId: string;
}

type Size = Pick<VitConfig, 'width' | 'depth' | 'heads' | 'mlpWidth'>;

const tiny: Size = { width: 192, depth: 12, heads: 3, mlpWidth: 768 };
const small: Size = { width: 384, depth: 12, heads: 6, mlpWidth: 1536 };
const base: Size = { width: 768, depth: 12, heads: 12, mlpWidth: 3072 };
const large: Size = { width: 1024, depth: 24, heads: 16, mlpWidth: 4096 };

function config(name: string, size: Size, imageSize: number, distilled: boolean): VitConfig {
  return { name, imageSize, patchSize: 16, ...size, classes: 1000, distilled, layerNormEps: 1e-6 };
}

function deit(name: string, size: Size, imageSize: number, weights: string, distilled = false): VitPreset {
  return {
    name,
    config: config(name, size, imageSize, distilled),
    preprocessing: deitPreprocessing(imageSize),
    hubId: `timm/${weights}`,
  };
}

function vit(name: string, size: Size, imageSize: number, weights: string): VitPreset {
  return {
    name,
    config: config(name, size, imageSize, false),
    preprocessing: augregPreprocessing(imageSize, imageSize === 224 ? 0.9 : 1),
    hubId: `timm/${weights}`,
  };
}

/** All presets. Where `deit-*` and `vit-*` have the same shapes, they differ in weights and preprocessing. */
export const vitPresets: readonly VitPreset[] = [
  deit('deit-tiny', tiny, 224, 'deit_tiny_patch16_224.fb_in1k'),
  deit('deit-small', small, 224, 'deit_small_patch16_224.fb_in1k'),
  deit('deit-base', base, 224, 'deit_base_patch16_224.fb_in1k'),
  deit('deit-base-384', base, 384, 'deit_base_patch16_384.fb_in1k'),
  deit('deit-tiny-distilled', tiny, 224, 'deit_tiny_distilled_patch16_224.fb_in1k', true),
  deit('deit-small-distilled', small, 224, 'deit_small_distilled_patch16_224.fb_in1k', true),
  deit('deit-base-distilled', base, 224, 'deit_base_distilled_patch16_224.fb_in1k', true),
  deit('deit-base-distilled-384', base, 384, 'deit_base_distilled_patch16_384.fb_in1k', true),
  vit('vit-tiny', tiny, 224, 'vit_tiny_patch16_224.augreg_in21k_ft_in1k'),
  vit('vit-small', small, 224, 'vit_small_patch16_224.augreg_in21k_ft_in1k'),
  vit('vit-base', base, 224, 'vit_base_patch16_224.augreg_in21k_ft_in1k'),
  vit('vit-large', large, 224, 'vit_large_patch16_224.augreg_in21k_ft_in1k'),
  vit('vit-tiny-384', tiny, 384, 'vit_tiny_patch16_384.augreg_in21k_ft_in1k'),
  vit('vit-small-384', small, 384, 'vit_small_patch16_384.augreg_in21k_ft_in1k'),
  vit('vit-base-384', base, 384, 'vit_base_patch16_384.augreg_in21k_ft_in1k'),
  vit('vit-large-384', large, 384, 'vit_large_patch16_384.augreg_in21k_ft_in1k'),
];

/** The architectures of all presets. */
export const vitConfigs: readonly VitConfig[] = vitPresets.map((preset) => preset.config);

/**
 * The preset of a name.
 *
 * @throws `UNKNOWN_NAME` with near matches
 */
export function vitPreset(name: string): VitPreset {
  return findByName(vitPresets, name, 'model');
}

/**
 * The architecture of a name.
 *
 * @throws `UNKNOWN_NAME` with near matches
 * @example
 * tokenCount(vitConfig('deit-tiny')); // 197
 */
export function vitConfig(name: string): VitConfig {
  return vitPreset(name).config;
}

/** Tokens before the patches: the class token, and the distillation token of a distilled model. */
export function prefixTokens(config: VitConfig): number {
  return config.distilled ? 2 : 1;
}

/** Positions of the class token and, if any, the distillation token. */
export function prefixPositions(config: VitConfig): number[] {
  return range(prefixTokens(config));
}

/** Patches along one side of the image. */
export function gridSize(config: VitConfig): number {
  return config.imageSize / config.patchSize;
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
