/** Writes guide/cli.md from the help of the commands: `npm run cli-page -w docs`. A test compares the page with the help. */

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { commandHelp, commands } from 'patchslim/cli';
import { withGenerated } from './markdown/generated.js';

/** The page, and the place in it behind which everything is generated. */
export const cliPage = fileURLToPath(new URL('../guide/cli.md', import.meta.url));

/** The page as it should be: its written part as it is, then the help of every command. */
export async function renderCliPage(): Promise<string> {
  const sections = commands.map(
    (command) => `## ${command.name}\n\n\`\`\`text\n${commandHelp(command).trimEnd()}\n\`\`\`\n`,
  );
  return withGenerated(cliPage, 'cli-page', sections.join('\n'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(cliPage, await renderCliPage());
