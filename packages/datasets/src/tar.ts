/**
 * Reading of tar archives (POSIX ustar, and GNU's of before): blocks of 512 bytes, a header and the file's bytes for each
 * entry, two blocks of zeros at the end. Long names and other extensions are passed over.
 */

import { PatchslimError } from '@patchslim/tensor';

const block = 512;

/**
 * The plain files of an archive that is not compressed, by path; of two with one path the later counts, as when they are
 * unpacked.
 *
 * @param where the function and the file that errors name
 * @returns views of `bytes`
 * @throws `DATA_INVALID` for a header whose checksum is wrong, a size that is none, and an archive that is cut off
 */
export function readTar(bytes: Uint8Array, where: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; ;) {
    const fail = (problem: string): never => {
      throw new PatchslimError('DATA_INVALID', `${where}: byte ${at}: ${problem}`, { byte: at });
    };
    const header = bytes.subarray(at, at + block);
    if (header.length < block) fail('expected a tar header or the end mark, got the end of the file');
    if (header.every((byte) => byte === 0)) return files;
    if (octal(header, 148, 8) !== checksum(header)) fail('this is no tar header: its checksum is wrong');
    const size = octal(header, 124, 12) ?? fail('expected the size of the file in octal digits');
    const start = at + block;
    if (start + size > bytes.length) {
      fail(`expected a file of ${size} bytes, got the ${bytes.length - start} to the end of the archive`);
    }
    const kind = header[156]!;
    if (kind === 0 || kind === 0x30) {
      files.set(pathOf(header), new Uint8Array(bytes.buffer, bytes.byteOffset + start, size));
    }
    at = start + Math.ceil(size / block) * block;
  }
}

/** Of all bytes of the header, those of the checksum itself taken as spaces. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0);
}

function pathOf(header: Uint8Array): string {
  // Only ustar has the folder apart; GNU's header, marked by `ustar` and two spaces, has other things there.
  const ustar = textOf(header, 257, 8) === 'ustar';
  const folder = ustar ? textOf(header, 345, 155) : '';
  const name = textOf(header, 0, 100);
  return folder === '' ? name : `${folder}/${name}`;
}

/** Up to the first NUL. */
function textOf(header: Uint8Array, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** Undefined unless the field holds octal digits, with spaces around them at most. */
function octal(header: Uint8Array, start: number, length: number): number | undefined {
  const digits = textOf(header, start, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}
