/** Does what a recipe says: saves the programs that it shows, then runs its `sh` blocks one after the other. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeBlocks, readPage } from './pages.js';
import type { Scratch } from './scratch.js';

/** @returns what each block printed */
export async function followRecipe(
  recipe: string,
  scratch: Scratch,
  variables: Readonly<Record<string, string>>,
): Promise<string[]> {
  const page = await readPage(`docs/recipes/${recipe}.md`);
  for (const [, name, code] of page.matchAll(/^```[jt]s \[(.+?)\]\n(.*?)^```$/gms)) {
    await writeFile(join(scratch.folder, name!), code!);
  }
  const printed: string[] = [];
  for (const code of codeBlocks(page, 'sh')) printed.push(await scratch.shell(code, variables));
  if (printed.length === 0) throw new Error(`${recipe} has no sh block`);
  return printed;
}
