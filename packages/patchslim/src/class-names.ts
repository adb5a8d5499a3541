/** Names of classes: the option that gives them, and the names to print. */

import { range } from '@patchslim/tensor';

export const labelsOption = { labels: { type: 'string' } } as const;
export const labelsHelp = [
  '--labels FILE',
  "class names instead of the checkpoint's, one for each class: a line each, a JSON list or map, or imagenet_class_index.json",
] as const;

/** A name for each of `classes`, of the first source that has names. A class without one is `class 7`. */
export function classNames(classes: number, ...known: readonly (readonly string[] | undefined)[]): string[] {
  const names = known.find((list) => list !== undefined);
  return range(classes).map((index) => names?.[index] ?? `class ${index}`);
}
