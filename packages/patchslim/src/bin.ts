/** The `patchslim` program: the first signal aborts the command in order; the second ends the program at once. */

import { onStop } from '@patchslim/tensor/files';
import { flushed } from './flush.js';
import { main } from './main.js';

const { stdout, stderr } = process;
const controller = new AbortController();
onStop(() => {
  if (controller.signal.aborted) process.exit(130);
  controller.abort();
});

/** GPU runtimes keep handles open, so the program ends itself once its output is out. */
async function exit(status: number): Promise<never> {
  await Promise.all([flushed(stdout), flushed(stderr)]);
  process.exit(status);
}

// A reader that has seen enough, as `head` has, is no failure; a full disk is one.
let failed = false;
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (failed) return;
  failed = true;
  if (error.code === 'EPIPE') return void exit(0);
  stderr.write(`patchslim: cannot write the result: ${error.message} [IO_FAILED]\n`);
  void exit(1);
});
// Nobody reads what goes wrong; the status tells it.
stderr.on('error', () => undefined);

const status = await main(process.argv.slice(2), { stdout, stderr, signal: controller.signal });
await flushed(stdout); // a failure shows by now
if (!failed) await exit(status);
