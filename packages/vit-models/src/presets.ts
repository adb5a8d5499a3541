/** The architectures that patchslim knows by name: those of all families. */

import { findByName } from '@patchslim/tensor';
import type { VitConfig } from './config.js';
import { families } from './families/list.js';
import type { Preprocessing } from './preprocessing.js';

/** A named architecture with the preprocessing of its usual weights and the place where these are published. */
export interface VitPreset {
  readonly name: string;
  /** Name of the model family. */
  readonly family: string;
  readonly config: VitConfig;
  readonly preprocessing: Preprocessing;
  /** Hugging Face hub repository, or the address of a file of weights. */
  readonly hubId: string;
}

/** All presets. Where those of two families have the same shapes, they differ in weights and preprocessing. */
export const vitPresets: readonly VitPreset[] = families.flatMap(({ name: family, presets }) =>
  presets.map((preset) => ({ ...preset, family, config: { name: preset.name, ...preset.config } })),
);

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
