/** Finds image files that were cut short: Firefox decodes what is there of them, and says nothing. */

const endOfJpeg = [0xff, 0xd9];
const scanOfJpeg = 0xda;

/**
 * Checks that a JPEG or a PNG has its end. Browsers check the other formats.
 *
 * @throws an error that says so
 */
export function requireEnd(bytes: Uint8Array): void {
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  const isPng = bytes[0] === 0x89 && String.fromCharCode(...bytes.subarray(1, 4)) === 'PNG';
  if ((isJpeg && !jpegEnds(bytes)) || (isPng && !pngEnds(bytes))) throw new Error('the file is cut short');
}

/** Whether the marker of the end comes behind the first scan. A thumbnail in a segment before it has an end of its own. */
function jpegEnds(bytes: Uint8Array): boolean {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== scanOfJpeg) {
    // A marker may be preceded by any number of fill bytes.
    at += bytes[at + 1] === 0xff ? 1 : 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
  }
  for (let end = bytes.length - 2; end > at; end--) {
    if (bytes[end] === endOfJpeg[0] && bytes[end + 1] === endOfJpeg[1]) return true;
  }
  return false;
}

/** Whether the last chunk is there: length, `IEND`, checksum. */
function pngEnds(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (String.fromCharCode(...bytes.subarray(at + 4, at + 8)) === 'IEND') return true;
  }
  return false;
}
