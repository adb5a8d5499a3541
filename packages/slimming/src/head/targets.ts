/** Labels as a yes or no for each class. */

import type { ImageBatch } from '@patchslim/datasets';
import type { HeadConfig } from '@patchslim/vit-models';
import { requireLabel } from './require-label.js';

/**
 * The classes that an image has by its label. The one logit of a head answers yes (label 1) or no (label 0).
 * @returns class indices
 */
export const classesOfLabel = (label: number, { classes }: HeadConfig): readonly number[] =>
  classes > 1 ? [label] : label === 1 ? [0] : [];

/**
 * 1 for each class that an image has, else 0: `[images, classes]`; undefined for images without labels.
 * @throws DATA_INVALID for a label without a class in the model
 */
export function targetsOf(
  { ids, labels, labelSets }: Pick<ImageBatch, 'ids' | 'labels' | 'labelSets'>,
  config: HeadConfig,
  set: string,
): Uint8Array | undefined {
  if (!labels && !labelSets) return undefined;
  const targets = new Uint8Array(ids.length * config.classes);
  for (const [image, id] of ids.entries()) {
    const own = labelSets?.[image] ?? [labels![image]!];
    for (const label of own) requireLabel(label, config, id, set);
    const present = labelSets ? own : classesOfLabel(own[0]!, config);
    for (const index of present) targets[image * config.classes + index] = 1;
  }
  return targets;
}
