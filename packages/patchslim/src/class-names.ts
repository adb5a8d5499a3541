/** Names of classes, from a text file, a checkpoint or an image folder. */

import { range } from '@patchslim/tensor';
import { readText } from './files.js';

export const labelsOption = { labels: { type: 'string' } } as const;
export const labelsHelp = [
  '--labels FILE',
  "class names, one per line, instead of the checkpoint's (a leading WordNet id is dropped)",
] as const;

/**
 * A name for each of `classes`: of the file, else of the first other source that has names. A class without one is `class 7`.
 *
 * @throws NOT_FOUND, IO_FAILED
 */
export async function classNames(
  classes: number,
  file: string | undefined,
  ...known: readonly (readonly string[] | undefined)[]
): Promise<string[]> {
  const names = file === undefined ? known.find((list) => list !== undefined) : await readNames(file);
  return range(classes).map((index) => names?.[index] ?? `class ${index}`);
}

async function readNames(path: string): Promise<string[]> {
  const text = await readText(path, 'the class names in');
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.map((line) => line.replace(/^n\d{8}\s+/, '').trim());
}
