/** Reading the Markdown of this repository: its pages and the code in them. */

import { readFile } from 'node:fs/promises';
import { root } from '../scripts/markdown/repository.js';

export { root };

/** A page by its path in the repository. */
export const readPage = (path: string): Promise<string> => readFile(`${root}${path}`, 'utf8');

/** What stands in the fenced blocks of a language, in order. */
export function codeBlocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\w+)[^\n]*\n(.*?)^```$/gms)]
    .filter(([, name]) => name === language)
    .map(([, , code]) => code!);
}
