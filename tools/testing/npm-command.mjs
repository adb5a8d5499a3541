// Starts npm without a shell. On Windows `npm` is a .cmd file, which Node does not start since 20.12; npm itself is
// a Node program, and sets `npm_execpath` to its location.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { platform as thisPlatform } from './platform.mjs';

const program = 'npm-cli.js';

export function npmCommand(
  args,
  { env = process.env, execPath = process.execPath, platform = thisPlatform } = {},
) {
  const places = [
    // Yarn and pnpm also set it, to their own location.
    ...(env.npm_execpath && basename(env.npm_execpath) === program ? [env.npm_execpath] : []),
    join(dirname(execPath), 'node_modules/npm/bin', program), // next to node.exe
  ];
  const found = places.find((place) => existsSync(place));
  if (found) return { program: execPath, args: [found, ...args], shell: false };
  // The arguments are ours and contain no special characters of a shell.
  return { program: 'npm', args: [...args], shell: platform === 'win32' };
}
