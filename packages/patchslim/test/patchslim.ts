/** Runs the real program, bundled from its sources, in a process of its own. */

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { afterAll, beforeAll } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

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
  /** Redirections and a pipe, as a shell takes them. */
  readonly through?: string;
}

export type Patchslim = (args: readonly string[], options?: ProcessOptions) => Promise<Finished>;

/** Bundles the program before the tests of a file: from its sources, each start would take two seconds. */
export function bundlePatchslim(): Patchslim {
  let folder: string;
  beforeAll(async () => {
    const out = join(root, 'out'); // below the package, so that third-party imports resolve
    await mkdir(out, { recursive: true });
    folder = await mkdtemp(join(out, 'test-'));
    await build({
      config: false,
      entry: [join(root, 'src/bin.ts')],
      outDir: folder,
      format: 'esm',
      target: 'es2022',
      platform: 'node',
      noExternal: [/^@patchslim\//],
      skipNodeModulesBundle: true,
      esbuildOptions: (options) => void (options.conditions = ['@patchslim/source']),
      silent: true,
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return (args, options) => runBundle(join(folder, 'bin.js'), args, options);
}

function runBundle(
  bundle: string,
  args: readonly string[],
  { largestFile, stdoutTo, through = '', ...options }: ProcessOptions = {},
): Promise<Finished> {
  const node = [bundle, ...args];
  const redirect = stdoutTo === undefined ? through : `> '${stdoutTo}'`;
  // Bash counts in units of 1024 bytes. Without the trap the signal would end the process before it sees the error.
  const limit = largestFile === undefined ? '' : `trap '' XFSZ; ulimit -f ${Math.ceil(largestFile / 1024)}; `;
  if (limit === '' && redirect === '') return runProcess(process.execPath, node, options);
  const exec = redirect.includes('|') ? '' : 'exec ';
  const script = `${limit}${exec}"$@" ${redirect}`;
  return runProcess('bash', ['-c', script, 'bash', process.execPath, ...node], options);
}

/** Runs any program to its end. */
export function runProcess(
  program: string,
  args: readonly string[],
  { env = {}, whileRunning }: Pick<ProcessOptions, 'env' | 'whileRunning'> = {},
): Promise<Finished> {
  const child = spawn(program, args, {
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
