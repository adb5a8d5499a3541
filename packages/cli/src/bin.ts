#!/usr/bin/env node
/** The `patchslim` program: a signal to end it aborts in order; a second one ends it at once. */

import { main } from './main.js';

const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  });
}

// A reader that has seen enough, as `head` has, is no failure; a full disk is one.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`patchslim: cannot write the result: ${error.message} [IO_FAILED]\n`);
  process.exit(1);
});

// GPU runtimes keep handles open, so the program ends itself once its output is out.
const status = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: controller.signal,
});
process.stdout.write('', (error) => {
  if (!error) process.exit(status);
});
