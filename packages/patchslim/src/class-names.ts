/** Names of classes, from a checkpoint, an image folder or a text file. */

import { readText } from './files.js';

/** Name of a class, or its number where nothing is known. */
export type ClassName = (index: number) => string;

export const labelsOption = { labels: { type: 'string' } } as const;
export const labelsHelp = [
  '--labels FILE',
  "names of the classes instead of the checkpoint's, one per line (a leading WordNet id is dropped)",
] as const;

/** The first source that knows names wins: file, checkpoint, folder. @throws NOT_FOUND, IO_FAILED */
export async function classNames(
  file: string | undefined,
  ...known: readonly (readonly string[] | undefined)[]
): Promise<ClassName> {
  const names = file === undefined ? known.find((list) => list !== undefined) : await readNames(file);
  return (index) => names?.[index] ?? `class ${index}`;
}

async function readNames(path: string): Promise<string[]> {
  const text = await readText(path, 'the class names in');
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.map((line) => line.replace(/^n\d{8}\s+/, '').trim());
}
