/** Runs the real program in a process of its own. */

import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = ['--import', 'tsx', '--conditions=@patchslim/source', 'src/bin.ts'];

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param whileRunning called once the process has started */
export function patchslim(
  args: readonly string[],
  whileRunning: (child: ChildProcess) => void = () => undefined,
): Promise<Finished> {
  const child = spawn(process.execPath, [...program, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  whileRunning(child);
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
