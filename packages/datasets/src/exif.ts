/** EXIF in image files, which browsers turn images by even when they are asked not to. */

const ascii = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;
const isPng = (bytes: Uint8Array): boolean => ascii(bytes, 1, 3) === 'PNG';

/** The file without its EXIF; the same bytes where there is none, and for other formats than JPEG and PNG. */
export function withoutExif(bytes: Uint8Array): Uint8Array {
  const parts = isJpeg(bytes) ? jpegExif(bytes) : isPng(bytes) ? pngExif(bytes) : [];
  return parts.length === 0 ? bytes : without(bytes, parts);
}

/** First byte and the one behind the last. */
type Range = readonly [start: number, end: number];

/** APP1 segments that hold EXIF (JEITA CP-3451, 4.7.2), before the image data. */
function jpegExif(bytes: Uint8Array): Range[] {
  const found: Range[] = [];
  const view = viewOf(bytes);
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    if (marker === 0xda || marker === 0xd9) break; // the image data, or its end
    const end = at + 2 + view.getUint16(at + 2);
    if (marker === 0xe1 && ascii(bytes, at + 4, 4) === 'Exif') found.push([at, end]);
    at = end;
  }
  return found;
}

/** `eXIf` chunks: length, type, data, checksum. */
function pngExif(bytes: Uint8Array): Range[] {
  const found: Range[] = [];
  const view = viewOf(bytes);
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + view.getUint32(at);
    if (ascii(bytes, at + 4, 4) === 'eXIf') found.push([at, end]);
    at = end;
  }
  return found;
}

function without(bytes: Uint8Array, ranges: readonly Range[]): Uint8Array {
  const kept = new Uint8Array(bytes.length);
  let length = 0;
  let from = 0;
  for (const [start, end] of [...ranges, [bytes.length, bytes.length] as const]) {
    const part = bytes.subarray(from, start);
    kept.set(part, length);
    length += part.length;
    from = end;
  }
  return kept.subarray(0, length);
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);
