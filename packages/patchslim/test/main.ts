/** Runs the program within this process: quick, for all that needs no process of its own. */

import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { main, type ExitStatus } from '../src/cli.js';

export interface Answer {
  readonly status: ExitStatus;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param signal as Ctrl-C gives it */
export async function runMain(
  args: readonly string[],
  signal = new AbortController().signal,
): Promise<Answer> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = Promise.all([text(stdout), text(stderr)]);
  const status = await main(args, {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    signal,
  });
  stdout.end();
  stderr.end();
  const [out, err] = await texts;
  return { status, stdout: out, stderr: err };
}

/** Runs with `--json`, expects success, gives the object. */
export async function runMainJson<T>(...args: string[]): Promise<T> {
  const { status, stdout, stderr } = await runMain([...args, '--json']);
  if (status !== 0) throw new Error(`patchslim ${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** What was said, without the remarks on how the images of a bare weight file are prepared. */
export const withoutRemarks = (stderr: string): string =>
  stderr.replaceAll(/^(no file beside the weights says|preprocessing: ).*\n/gm, '');
