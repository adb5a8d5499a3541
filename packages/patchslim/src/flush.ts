/** Output reaches a pipe later than `write` returns (on Windows always): a program that ends itself waits for it. */

import type { Writable } from 'node:stream';

/** Resolves when everything that was written has left the stream, or cannot any more. */
export function flushed(stream: Writable): Promise<void> {
  if (stream.destroyed || stream.writableEnded) return Promise.resolve();
  return new Promise((resolve) => stream.write('', () => resolve()));
}
