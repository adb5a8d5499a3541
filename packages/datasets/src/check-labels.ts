/** Labels that no class of a model stands for would pass for wrong answers; they are found before any work is done. */

import { PatchslimError } from '@patchslim/tensor';
import { givesEmbedding, headActivation, type HeadConfig } from '@patchslim/vit-models';
import type { ImageExample, ImageFolder } from './image-layout.js';

/**
 * How many values a label of a model may have: one for each class. A head with one logit answers yes or no, so its labels are 1 and 0.
 *
 * @example
 * labelValues(vitConfig('deit-tiny')); // 1000
 */
export const labelValues = ({ classes }: HeadConfig): number => (classes === 1 ? 2 : classes);

/**
 * Throws unless every label is a class of a model. An encoder has no classes, so its labels may be any. Several labels for one image need a model whose classes do not exclude each other.
 *
 * @throws `DATA_INVALID` naming the image, and the line of the label file where there is one
 * @example
 * checkLabels(folder, model.config);
 */
export function checkLabels(
  { dir, examples }: Pick<ImageFolder, 'dir' | 'examples'>,
  head: HeadConfig,
): void {
  if (givesEmbedding(head)) return;
  const values = labelValues(head);
  const severalAllowed = headActivation(head) === 'sigmoid' && head.classes > 1;
  for (const example of examples) {
    const { id, label, labels, line } = example;
    const details = { dir, id, classes: head.classes, ...(line !== undefined && { line }) };
    if (labels && labels.length !== 1 && !severalAllowed)
      throw severalLabels(placeOf(dir, example), { ...details, labels });
    const wrong = (labels ?? (label === undefined ? [] : [label])).find((value) => value >= values);
    if (wrong === undefined) continue;
    const of = head.classes === 1 ? 'the model answers no (0) or yes (1)' : classesText(head.classes);
    throw new PatchslimError(
      'DATA_INVALID',
      `${placeOf(dir, example)}: '${id}' has class ${wrong}, but ${of}; ` +
        'are these the images that it was trained for?',
      { ...details, label: wrong },
    );
  }
}

const classesText = (classes: number): string => `the model has ${classes} classes (0 to ${classes - 1})`;

function severalLabels(
  place: string,
  details: { readonly id: string; readonly classes: number; readonly labels: readonly number[] },
): PatchslimError {
  const { labels } = details;
  const found = labels.length === 0 ? 'no class' : `${labels.length} classes (${labels.join(' ')})`;
  const wanted =
    details.classes === 1
      ? 'the model has one logit: label each image with 1 (yes) or 0 (no)'
      : "the model's classes exclude each other: label each image with one (a config.json with problem_type multi_label_classification says otherwise)";
  return new PatchslimError('DATA_INVALID', `${place}: '${details.id}' has ${found}, but ${wanted}`, details);
}

const placeOf = (dir: string, { line }: ImageExample): string =>
  line === undefined ? `the class folders of '${dir}'` : `${dir}/labels.csv:${line}`;
