/** Names of classes, from a checkpoint, an image folder or a text file. */

import { readFile } from 'node:fs/promises';
import { PatchslimError } from '@patchslim/tensor';

/** Name of a class, or its number where nothing is known. */
export type ClassName = (index: number) => string;

export const labelsOption = { labels: { type: 'string' } } as const;
export const labelsHelp = [
  '--labels FILE',
  'names of the classes, one per line (a leading WordNet id is dropped)',
] as const;

/** The first source that knows names wins: file, checkpoint, folder. @throws NOT_FOUND */
export async function classNames(
  file: string | undefined,
  ...known: readonly (readonly string[] | undefined)[]
): Promise<ClassName> {
  const names = file === undefined ? known.find((list) => list !== undefined) : await readNames(file);
  return (index) => names?.[index] ?? `class ${index}`;
}

async function readNames(path: string): Promise<string[]> {
  try {
    const lines = (await readFile(path, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '');
    return lines.map((line) => line.replace(/^n\d{8}\s+/, '').trim());
  } catch (cause) {
    throw new PatchslimError('NOT_FOUND', `cannot read the class names in ${path}`, { path }, cause);
  }
}
