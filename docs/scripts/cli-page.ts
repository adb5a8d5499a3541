/** Writes guide/cli.md from the help of the commands: `npm run cli-page -w docs`. A test compares the page with the help. */

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { commandHelp, commands } from 'patchslim/cli';

/** The page, and the place in it behind which everything is generated. */
export const cliPage = fileURLToPath(new URL('../guide/cli.md', import.meta.url));
const marker = '<!-- generated from here on: npm run cli-page -w docs -->\n';

/** The page as it should be: its written part as it is, then the help of every command. */
export async function renderCliPage(): Promise<string> {
  const written = (await readFile(cliPage, 'utf8')).split(marker)[0]!;
  const sections = commands.map(
    (command) => `## ${command.name}\n\n\`\`\`text\n${commandHelp(command).trimEnd()}\n\`\`\`\n`,
  );
  return `${written}${marker}\n${sections.join('\n')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(cliPage, await renderCliPage());
