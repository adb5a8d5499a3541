/** Runs a program like a user's shell: no variables of npm, Nx or Vitest in its environment. */

import { spawn } from 'node:child_process';

export interface ProgramOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program until it exits.
 *
 * @throws when its status is not 0, with its complete output
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<ProgramOutput> {
  const env = { ...userEnvironment(), ...variables };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const status = await new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
  if (status === 0) return { stdout, stderr };
  throw new Error(`status ${status} of ${program} ${args.join(' ')}, in ${cwd}\n${stdout}${stderr}`);
}

/** Runs a file with this Node, or with the Node at a path. */
export const runNode = (
  args: readonly string[],
  cwd: string,
  variables?: Readonly<Record<string, string>>,
  node = process.execPath,
): Promise<ProgramOutput> => runProgram(node, args, cwd, variables);

/**
 * Returns this environment without npm's script variables (a child npm would use them as settings) and without
 * variables of test runners: conditions, hooks, colours.
 */
function userEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|NX_|VITE|INIT_CWD$|NODE_(ENV|OPTIONS|PATH)$|FORCE_COLOR$|TEST$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
