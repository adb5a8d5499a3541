/** MD5, which publishers of data sets give with their files; Web Crypto does not have it. */

import type * as Crypto from 'node:crypto';

/** In hex, over `chunks` in order (Node only). */
export async function md5(chunks: Iterable<Uint8Array>): Promise<string> {
  const { createHash } = (await import(
    /* webpackIgnore: true */ /* @vite-ignore */ 'node:crypto'
  )) as typeof Crypto;
  const hash = createHash('md5');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
