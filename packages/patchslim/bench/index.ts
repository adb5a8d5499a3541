/** How long the program takes to start, against an empty Node process. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compareRuns } from '@patchslim/testing';

const program = fileURLToPath(new URL('../bin/patchslim.js', import.meta.url));
const node = (...args: string[]) => ({ run: () => execFileSync(process.execPath, args) });

await compareRuns('start of the program', [
  { name: 'node, nothing to do', ...node('-e', '0') },
  { name: 'patchslim --version', ...node(program, '--version') },
  { name: 'patchslim flops deit-tiny', ...node(program, 'flops', 'deit-tiny') },
]);
