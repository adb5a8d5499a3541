/**
 * Writes guide/cli.md from the help of the built command: `npm run cli-page -w docs`, after a build. A test compares
 * the page with the help, so that it cannot go stale.
 */

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { commands } from '@patchslim/cli';

/** The page, and the place in it behind which everything is generated. */
export const cliPage = fileURLToPath(new URL('../guide/cli.md', import.meta.url));
const marker = '<!-- generated from here on: npm run cli-page -w docs -->\n';

const program = fileURLToPath(new URL('../../packages/cli/dist/bin.js', import.meta.url));

/** The page as it should be: its written part as it is, then the help of every command. */
export async function renderCliPage(): Promise<string> {
  const written = (await readFile(cliPage, 'utf8')).split(marker)[0]!;
  const sections = await Promise.all(
    commands.map(async ({ name }) => `## ${name}\n\n\`\`\`text\n${(await help(name)).trimEnd()}\n\`\`\`\n`),
  );
  return `${written}${marker}\n${sections.join('\n')}`;
}

async function help(command: string): Promise<string> {
  return (await promisify(execFile)(process.execPath, [program, command, '--help'])).stdout;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(cliPage, await renderCliPage());
