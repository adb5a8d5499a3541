// How to start npm without a shell. On Windows `npm` is a .cmd file, which Node does not start since 20.12; npm itself is
// a program of Node, and says in `npm_execpath` where it lies.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const program = 'npm-cli.js';

export function npmCommand(
  args,
  { env = process.env, execPath = process.execPath, platform = process.platform } = {},
) {
  const places = [
    // Yarn and pnpm set it too, to themselves.
    ...(env.npm_execpath && basename(env.npm_execpath) === program ? [env.npm_execpath] : []),
    join(dirname(execPath), 'node_modules/npm/bin', program), // beside node.exe
  ];
  const found = places.find((place) => existsSync(place));
  if (found) return { program: execPath, args: [found, ...args], shell: false };
  // The arguments are ours: a shell finds nothing in them that it would take for its own.
  return { program: 'npm', args: [...args], shell: platform === 'win32' };
}
