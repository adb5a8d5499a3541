/**
 * Windows bitmaps to RGB, which sharp does not read: 1 to 32 bits, palettes, bit fields, both run-length codings, either direction. The
 * pixels are those of Pillow. After Microsoft's "Bitmap Storage" pages.
 */

import type { RgbImage } from './image-source.js';

const compressions = { none: 0, rle8: 1, rle4: 2, bitFields: 3, alphaBitFields: 6 } as const;

/** Whether these are the first bytes of a bitmap. */
export const isBmp = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x42 && bytes[1] === 0x4d && bytes.length >= 26;

/** @throws `Error` that says what is wrong with the file */
export function decodeBmp(bytes: Uint8Array, maxPixels: number): RgbImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(view);
  const { width, height, bits, compression, first } = header;
  if (width * height > maxPixels) throw new Error('Input image exceeds pixel limit');
  const pixels = { data: new Uint8Array(width * height * 3), width, height };
  if (bits <= 8) {
    const palette = readPalette(bytes, header);
    const run = compression === compressions.rle8 || compression === compressions.rle4;
    const indices = run ? readRuns(bytes, header) : readIndices(bytes, header);
    indices.forEach((index, i) => pixels.data.set(palette.subarray(index * 3, index * 3 + 3), i * 3));
    return pixels;
  }
  const channels = masksOf(view, header).map(channelOf);
  const size = bits / 8;
  const stride = strideOf(header);
  const read = (at: number): number =>
    bits === 16
      ? view.getUint16(at, true)
      : bits === 24
        ? view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
        : view.getUint32(at, true);
  for (let y = 0; y < height; y++) {
    const row = first + rowOf(header, y) * stride;
    for (let x = 0; x < width; x++) {
      const value = read(row + x * size);
      channels.forEach((channel, c) => (pixels.data[(y * width + x) * 3 + c] = channel(value)));
    }
  }
  return pixels;
}

interface Header {
  /** Bytes, from the 14th of the file. */
  readonly size: number;
  readonly width: number;
  readonly height: number;
  /** Whether the first row comes first. */
  readonly topDown: boolean;
  readonly bits: number;
  readonly compression: number;
  /** In the palette. */
  readonly colours: number;
  /** Offset of the pixels. */
  readonly first: number;
}

function readHeader(view: DataView): Header {
  const size = view.getUint32(14, true);
  const first = view.getUint32(10, true);
  if (size === 12) {
    const [width, height, bits] = [18, 20, 24].map((at) => view.getUint16(at, true)) as [
      number,
      number,
      number,
    ];
    return check(view, {
      ...{
        size,
        width,
        height,
        topDown: false,
        bits,
        compression: 0,
        colours: 1 << Math.min(bits, 8),
        first,
      },
    });
  }
  if (size < 40 || size > 1000 || view.byteLength < 54)
    throw new Error(`BMP: unknown header of ${size} bytes`);
  const height = view.getInt32(22, true);
  const bits = view.getUint16(28, true);
  return check(view, {
    ...{ size, first, bits, topDown: height < 0, height: Math.abs(height) },
    width: view.getInt32(18, true),
    compression: view.getUint32(30, true),
    colours: view.getUint32(46, true) || 1 << Math.min(bits, 8),
  });
}

function check(view: DataView, header: Header): Header {
  const { width, height, bits, compression, first } = header;
  if (width < 1 || height < 1) throw new Error(`BMP: no pixels (${width} × ${height})`);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw new Error(`BMP: ${bits} bits per pixel`);
  const { none, rle8, rle4, bitFields, alphaBitFields } = compressions;
  const allowed =
    bits === 8
      ? [none, rle8]
      : bits === 4
        ? [none, rle4]
        : bits < 8
          ? [none]
          : [none, bitFields, alphaBitFields];
  if (!(allowed as number[]).includes(compression)) {
    throw new Error(`BMP: compression ${compression} with ${bits} bits per pixel`);
  }
  const run = compression === rle8 || compression === rle4;
  const last = run ? first : first + strideOf(header) * height;
  if (last > view.byteLength) throw new Error('BMP: premature end of file');
  return header;
}

/** Rows begin at multiples of four bytes. */
const strideOf = ({ width, bits }: Header): number => Math.ceil((width * bits) / 32) * 4;

const rowOf = ({ height, topDown }: Header, y: number): number => (topDown ? y : height - 1 - y);

/** Red, green and blue of each colour; black beyond the last. */
function readPalette(bytes: Uint8Array, { size, bits, colours }: Header): Uint8Array {
  const entry = size === 12 ? 3 : 4;
  const palette = new Uint8Array(3 << bits);
  const count = Math.min(colours, 1 << bits);
  for (let i = 0; i < count; i++) {
    const at = 14 + size + i * entry;
    for (let c = 0; c < 3; c++) palette[i * 3 + c] = bytes[at + 2 - c] ?? 0;
  }
  return palette;
}

function readIndices(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, bits, first } = header;
  const stride = strideOf(header);
  const perByte = 8 / bits;
  const indices = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = first + rowOf(header, y) * stride;
    for (let x = 0; x < width; x++) {
      const byte = bytes[row + Math.floor(x / perByte)]!;
      indices[y * width + x] = (byte >> (8 - bits - (x % perByte) * bits)) & ((1 << bits) - 1);
    }
  }
  return indices;
}

/** Run-length coding; what no run covers is colour 0. */
function readRuns(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, compression, first } = header;
  const half = compression === compressions.rle4;
  const indices = new Uint8Array(width * height);
  let [at, x, y] = [first, 0, 0];
  const put = (index: number): void => {
    if (x < width && y < height) indices[rowOf(header, y) * width + x] = index;
    x++;
  };
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error('BMP: premature end of file');
    return byte;
  };
  while (y < height) {
    const count = next();
    const value = next();
    if (count > 0) {
      for (let i = 0; i < count; i++) put(half ? (i % 2 === 0 ? value >> 4 : value & 15) : value);
    } else if (value === 0) {
      x = 0;
      y++;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      x += next();
      y += next();
    } else {
      let byte = 0;
      for (let i = 0; i < value; i++) {
        if (!half || i % 2 === 0) byte = next();
        put(half ? (i % 2 === 0 ? byte >> 4 : byte & 15) : byte);
      }
      const read = half ? Math.ceil(value / 2) : value;
      if (read % 2 === 1) at++; // runs end at even offsets
    }
  }
  return indices;
}

function masksOf(view: DataView, { size, bits, compression }: Header): number[] {
  if (compression === compressions.none) {
    return bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
  }
  if (14 + Math.max(size, 52) > view.byteLength) throw new Error('BMP: premature end of file');
  return [54, 58, 62].map((at) => view.getUint32(at, true));
}

/** The channel of a mask, scaled to 0..255 and rounded down. */
function channelOf(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (value) => Math.floor((((value & mask) >>> shift) * 255) / most);
}
