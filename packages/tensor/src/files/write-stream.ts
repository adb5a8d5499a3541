/** Writes to targets that cannot be replaced: devices, pipes, and files already open as stdout and stderr. */

import { nodeFs } from './node.js';
import { openFileNumber } from './platform.js';
import type { WriteTarget } from './write-target.js';

type Chunks = Iterable<string | Uint8Array>;

export async function writeStream({ path }: WriteTarget, chunks: Chunks): Promise<void> {
  const own = ownStream(path);
  if (own) return writeToOwn(own, chunks);
  const fs = await nodeFs();
  const file = await fs.open(path, 'a');
  try {
    for (const chunk of chunks) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}

/** Returns the open stream: opening a file behind stdout again would write from its start, and a socket cannot be opened. */
function ownStream(path: string): NodeJS.WriteStream | undefined {
  const number = openFileNumber(path);
  if (number === 1) return process.stdout;
  return number === 2 ? process.stderr : undefined;
}

async function writeToOwn(stream: NodeJS.WriteStream, chunks: Chunks): Promise<void> {
  const ignore = (): void => undefined; // the callback of `write` gets the same error
  stream.on('error', ignore);
  try {
    for (const chunk of chunks) {
      await new Promise<void>((done, fail) => {
        stream.write(chunk, (error) => (error ? fail(error) : done()));
      });
    }
  } finally {
    stream.off('error', ignore);
  }
}
