/** Text files as editors and spreadsheets save them: UTF-8 or UTF-16, with a byte order mark or without. */

import { PatchslimError } from '@patchslim/tensor';

/**
 * The text of a file, without its byte order mark. UTF-16 is known by its mark, or by a zero in one of the first two bytes.
 *
 * @param file what errors call it
 * @throws `DATA_INVALID` for bytes that are neither: a guess would give other names than the files have
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    const problem = `not ${encoding.toUpperCase()} text; save it as UTF-8`;
    throw new PatchslimError('DATA_INVALID', `${file}: ${problem}`, { file }, cause);
  }
}

function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && second !== undefined)) {
    return 'utf-16be';
  }
  return 'utf-8';
}
