/** Pages of which the first part is written and the rest is generated. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/**
 * A page as it should be: its written part as it is, then what is generated.
 *
 * @param page path of the page
 * @param script of `docs/package.json`, which writes the page
 * @param fresh the written part of a page that does not exist yet
 */
export async function withGenerated(
  page: string,
  script: string,
  generated: string,
  fresh = '',
): Promise<string> {
  const marker = `<!-- generated from here on: npm run ${script} -w docs -->\n`;
  const written = existsSync(page) ? (await readFile(page, 'utf8')).split(marker)[0]! : fresh;
  return `${written}${marker}\n${generated}`;
}
