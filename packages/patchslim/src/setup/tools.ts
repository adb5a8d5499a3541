/** The programs and headers that a build needs. */

import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { resolveFrom } from './installed-package.js';
import { runProgram } from './run-program.js';

/** How pip is started: the program, and its first arguments. */
export type Pip = readonly [program: string, ...args: string[]];

const compilers = ['g++', 'c++', 'clang++'];
const pips: readonly Pip[] = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']];

/** The C++ compiler: `CXX`, else the first that starts. */
export async function findCompiler(): Promise<string | undefined> {
  const chosen = process.env['CXX'];
  for (const compiler of chosen ? [chosen] : compilers) {
    if ((await runProgram(compiler, ['--version'])).status === 0) return compiler;
  }
  return undefined;
}

export async function findPip(): Promise<Pip | undefined> {
  for (const [program, ...args] of pips) {
    if ((await runProgram(program, [...args, '--version'])).status === 0) return [program, ...args];
  }
  return undefined;
}

/** The folder with `node_api.h`: of this Node, else of the npm package `node-api-headers`. */
export async function findNodeHeaders(): Promise<string | undefined> {
  const { node_prefix: prefix } = process.config.variables as { readonly node_prefix?: string };
  const programs = [process.execPath, await realpath(process.execPath)];
  const prefixes = [...programs.map((program) => dirname(dirname(program))), ...(prefix ? [prefix] : [])];
  const here = [join(process.cwd(), 'package.json'), import.meta.url];
  const fromNpm = resolveFrom(here, 'node-api-headers/package.json');
  const folders = [
    ...prefixes.map((each) => join(each, 'include', 'node')),
    ...(fromNpm === undefined ? [] : [join(dirname(fromNpm), 'include')]),
  ];
  return folders.find((folder) => existsSync(join(folder, 'node_api.h')));
}

/** What is missing, each with the way to get it. */
export const remedies = {
  compiler:
    'a C++ compiler (apt-get install g++, or dnf install gcc-c++; the variable CXX names another one than g++)',
  headers: "Node's headers (npm install --save-dev node-api-headers, or Node from nodejs.org)",
  pip: (wheels: string) =>
    `pip, to download ${wheels} (apt-get install python3-pip; or download the wheel on any machine and give --wheel PATH)`,
} as const;
