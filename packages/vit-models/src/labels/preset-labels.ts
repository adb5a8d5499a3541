/** Class names that a checkpoint does not have to bring: those of the data on which the presets were trained. */

import type { VitConfig } from '../config.js';
import { vitPresets } from '../presets.js';

/**
 * The class names of a preset's own weights: ImageNet's, since all presets of 1000 classes were trained on ImageNet-1k. Encoders have none.
 *
 * @returns the labels by index, or undefined for an architecture that is no preset or has another number of classes
 * @example
 * const labels = await presetLabels(vitConfig('deit-tiny'));
 * labels[0]; // 'tench, Tinca tinca'
 */
export async function presetLabels({
  name,
  classes,
}: Pick<VitConfig, 'name' | 'classes'>): Promise<readonly string[] | undefined> {
  const preset = vitPresets.find((candidate) => candidate.name === name);
  if (classes !== 1000 || preset?.config.classes !== classes) return undefined;
  return (await import('./imagenet-1k.js')).imagenetLabels;
}
