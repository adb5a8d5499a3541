/** Runs a program, and says in one line why it failed. */

import { spawn } from 'node:child_process';

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined when the status is 0. */
  readonly problem: string | undefined;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Called with each line of stdout. */
  readonly onLine?: (line: string) => void;
}

/** Runs a program to its end. It never rejects: a program that does not exist is a problem like any other. */
export function runCommand(
  program: string,
  args: readonly string[],
  { cwd, env = {}, timeoutMs = 60_000, onLine }: RunOptions = {},
): Promise<Ran> {
  return new Promise((done) => {
    const child = spawn(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    });
    let stdout = '';
    let stderr = '';
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) onLine?.(line);
    });
    child.stderr
      .setEncoding('utf8')
      .on('data', (chunk: string) => (stderr = (stderr + chunk).slice(-100_000)));
    child.on('error', (error: NodeJS.ErrnoException) => {
      const problem = error.code === 'ENOENT' ? `${program} is not installed` : error.message;
      done({ status: null, stdout, stderr, problem });
    });
    child.on('close', (status, signal) => {
      if (rest !== '') onLine?.(rest);
      const problem =
        status === 0
          ? undefined
          : `${howItEnded(status, signal, child.killed ? timeoutMs : undefined)}: ${reasonIn(stderr, stdout)}`;
      done({ status, stdout, stderr, problem });
    });
  });
}

function howItEnded(status: number | null, signal: string | null, timeoutMs?: number): string {
  if (status !== null) return `status ${status}`;
  return timeoutMs === undefined ? `killed by ${signal}` : `no end after ${timeoutMs / 60_000} minutes`;
}

/** The line that says most: an error by name, else the last one. */
function reasonIn(...outputs: readonly string[]): string {
  const lines = outputs.flatMap((output) => output.split('\n')).map((line) => line.trim());
  const named = lines.find((line) => /error|cannot|not found|unknown/i.test(line));
  return named ?? lines.filter((line) => line !== '').at(-1) ?? 'no output';
}
