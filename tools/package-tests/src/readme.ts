/** Reads the packages to install and the first program from a package's README. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkspacePackage } from './workspace-packages.js';

export const readmePath = ({ folder }: WorkspacePackage): string => join(folder, 'README.md');

export const readReadme = (one: WorkspacePackage): Promise<string> => readFile(readmePath(one), 'utf8');

/** The contents of the fenced blocks of a language, in order. */
function codeBlocks(markdown: string, language: string): string[] {
  const blocks = markdown.matchAll(/^```(\w+)[^\n]*\n(.*?)^```$/gms);
  return [...blocks].filter(([, name]) => name === language).map(([, , code]) => code!);
}

/** The first program: the first block of plain JavaScript, which Node 20 can run. */
export function firstProgram(readme: string): string | undefined {
  return codeBlocks(readme, 'js')[0];
}

/** Names of the packages in the `npm install` lines of the first shell block that has any. */
export function namesToInstall(readme: string): string[] {
  const install = /^npm install (.*)$/gm;
  const block = codeBlocks(readme, 'sh').find((code) => code.search(install) >= 0) ?? '';
  const words = [...block.matchAll(install)].flatMap(([, rest]) => rest!.replace(/#.*/, '').split(/\s+/));
  return [...new Set(words.filter((word) => /^[@a-z]/.test(word)))];
}
