/** Runs the real program in a process of its own. */

import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = ['--import', 'tsx', '--conditions=@patchslim/source', 'src/bin.ts'];

export interface Finished {
  /** Null when a signal ended the process. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Called once the process has started. */
  readonly whileRunning?: (child: ChildProcess) => void;
  /** Largest file that the process can write, in bytes: beyond it the disk is as good as full. */
  readonly largestFile?: number;
  /** File that stdout goes to. */
  readonly stdoutTo?: string;
}

export function patchslim(
  args: readonly string[],
  { env = {}, whileRunning, largestFile, stdoutTo }: ProcessOptions = {},
): Promise<Finished> {
  const node = [process.execPath, ...program, ...args];
  const redirect = stdoutTo === undefined ? '' : ` > '${stdoutTo}'`;
  // Bash counts in units of 1024 bytes. Without the trap the signal would end the process before it sees the error.
  const limit = largestFile === undefined ? '' : `trap '' XFSZ; ulimit -f ${Math.ceil(largestFile / 1024)}; `;
  const [command, ...rest] =
    limit === '' && redirect === '' ? node : ['bash', '-c', `${limit}exec "$@"${redirect}`, 'bash', ...node];
  const child = spawn(command!, rest, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  whileRunning?.(child);
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (status) => done({ status, stdout, stderr }));
  });
}

/** Runs with `--json`, expects success, gives the object. */
export async function patchslimJson<T>(...args: string[]): Promise<T> {
  const { status, stdout, stderr } = await patchslim([...args, '--json']);
  if (status !== 0) throw new Error(`patchslim ${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
