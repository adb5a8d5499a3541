/** Running a program as a user's shell would: nothing of npm, Nx or Vitest in its environment. */

import { spawn } from 'node:child_process';

export interface ProgramOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end.
 *
 * @throws when its status is not 0, with everything that it wrote
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

/** Runs a file with this Node. */
export const runNode = (
  args: readonly string[],
  cwd: string,
  variables?: Readonly<Record<string, string>>,
): Promise<ProgramOutput> => runProgram(process.execPath, args, cwd, variables);

/**
 * This environment without what npm sets for its scripts (a child npm would take it for its own settings), and without
 * what test runners set: conditions, hooks, colours.
 */
function userEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|NX_|VITE|INIT_CWD$|NODE_(ENV|OPTIONS|PATH)$|FORCE_COLOR$|TEST$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
