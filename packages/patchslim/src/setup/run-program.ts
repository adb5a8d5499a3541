/** Runs other programs: a compiler, pip, Node. */

import { spawn } from 'node:child_process';
import { throwIfAborted } from '@patchslim/tensor';

/** How a program ended. */
export interface Ended {
  /** Exit status; undefined when the program could not be started, or a signal ended it. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Ends the program. */
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string | undefined;
}

/**
 * Runs a program to its end, without a shell. A program that does not exist has no status.
 *
 * @throws `ABORTED`
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { signal, cwd }: RunOptions = {},
): Promise<Ended> {
  throwIfAborted(signal, program);
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => void child.kill();
  signal?.addEventListener('abort', stop, { once: true });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  try {
    const status = await new Promise<number | undefined>((done) => {
      child.on('error', () => done(undefined));
      child.on('close', (code) => done(code ?? undefined));
    });
    throwIfAborted(signal, program);
    return { status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** The last lines of what a program said, for messages. */
export function lastWords({ stdout, stderr }: Ended, lines = 6): string {
  const said = (stderr.trim() || stdout.trim()).split('\n');
  return said.slice(-lines).join('\n');
}
