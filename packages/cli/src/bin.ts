#!/usr/bin/env node
/** The `patchslim` program: Ctrl-C aborts once in order, twice at once. */

import { main } from './main.js';

const controller = new AbortController();
process.on('SIGINT', () => {
  if (controller.signal.aborted) process.exit(130);
  controller.abort();
});

// GPU runtimes keep handles open, so the program ends itself once its output is out.
const status = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: controller.signal,
});
process.stdout.write('', () => process.exit(status));
