import { labelValues } from '@patchslim/datasets';
import { PatchslimError } from '@patchslim/tensor';
import type { HeadConfig } from '@patchslim/vit-models';

/** A label without a logit would count as a wrong prediction. @throws DATA_INVALID */
export function requireLabel(label: number, config: HeadConfig, id: string, set: string): void {
  const values = labelValues(config);
  if (label >= 0 && label < values) return;
  const { classes } = config;
  const expected =
    classes === 1
      ? 'the model answers no (0) or yes (1)'
      : `the model has ${classes} classes (0 to ${classes - 1})`;
  throw new PatchslimError(
    'DATA_INVALID',
    `predict(): image '${id}' of '${set}' has label ${label}, but ${expected}`,
    { id, label, classes },
  );
}
