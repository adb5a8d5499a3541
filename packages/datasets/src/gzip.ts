/** Inflating of gzip, with the stream that Node and browsers have alike. */

import { PatchslimError } from '@patchslim/tensor';

/** Whether `bytes` begin as gzip does (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * What a gzip file holds.
 *
 * @param where the function and the file that errors name
 * @param most in bytes: a small file can claim to hold more than there is memory for
 * @throws `DATA_INVALID` when the file is damaged or cut off, or holds more than `most`
 */
export async function inflateGzip(bytes: Uint8Array, where: string, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const blob = new Blob([new Uint8Array(bytes)]); // a copy: it takes no memory that threads share
    const reader = blob.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
    for (;;) {
      const { value } = (await reader.read()) as { value?: Uint8Array };
      if (!value) break;
      size += value.length;
      if (size > most) {
        await reader.cancel();
        break;
      }
      chunks.push(value);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${where}: expected a whole gzip file, got ${bytes.length} bytes that do not inflate: ${reason}`;
    throw new PatchslimError('DATA_INVALID', message, { bytes: bytes.length }, cause);
  }
  if (size > most) {
    const message = `${where}: expected at most ${most} bytes, but the gzip file holds more`;
    throw new PatchslimError('DATA_INVALID', message, { most });
  }
  return concatBytes(chunks, size);
}

/** @param size of all `chunks` together, in bytes */
export function concatBytes(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
