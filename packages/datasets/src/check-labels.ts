/** Labels that no class of a model stands for would pass for wrong answers; they are found before any work is done. */

import { PatchslimError } from '@patchslim/tensor';
import type { ImageExample, ImageFolder } from './image-layout.js';

/**
 * Throws unless every label is a class of a model with `classes` classes.
 *
 * @throws `DATA_INVALID` naming the image, and the line of the label file where there is one
 * @example
 * checkLabels(folder, model.config.classes);
 */
export function checkLabels({ dir, examples }: Pick<ImageFolder, 'dir' | 'examples'>, classes: number): void {
  const wrong = examples.find(({ label }) => label !== undefined && label >= classes);
  if (!wrong) return;
  const { id, label, line } = wrong;
  throw new PatchslimError(
    'DATA_INVALID',
    `${placeOf(dir, wrong)}: '${id}' has class ${label}, but the model has ${classes} classes (0 to ${classes - 1}); ` +
      'are these the images that it was trained for?',
    { dir, id, label, classes, ...(line !== undefined && { line }) },
  );
}

const placeOf = (dir: string, { line }: ImageExample): string =>
  line === undefined ? `the class folders of '${dir}'` : `${dir}/labels.csv:${line}`;
