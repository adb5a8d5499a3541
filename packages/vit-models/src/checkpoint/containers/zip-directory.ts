/**
 * The directory of a zip file: names, sizes and places of its entries. Entries are read one at a time, stored or deflated; sizes that the
 * directory claims are checked before memory is taken. Format: PKWARE's APPNOTE.TXT 6.3, with zip64.
 */

import type { ByteSource } from '../byte-source.js';
import { quoted, refused } from './checkpoint-error.js';

/** One file in the zip. */
export interface ZipEntry {
  readonly name: string;
  /** In bytes, unpacked. */
  readonly size: number;
  readonly packedSize: number;
  readonly deflated: boolean;
  /** Of the local header. */
  readonly offset: number;
}

/** In bytes: more than a million entries. */
const largestDirectory = 100_000_000;
/** Deflate packs no better than 1032 to 1. */
const bestRatio = 1032;
/** Of all entries together to the file: weights hardly pack at all, bombs do. */
const largestRatio = 100;

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locatorSignature = 0x07064b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;

/** @throws `CHECKPOINT_INVALID` for what is no whole zip, encrypted entries, and other methods than stored and deflated */
export async function readZipDirectory(source: ByteSource): Promise<ReadonlyMap<string, ZipEntry>> {
  const { count, offset, size } = await findDirectory(source);
  if (size > largestDirectory || offset + size > source.size)
    throw broken(source, 'its directory lies outside');
  const bytes = await source.read(offset, size);
  const view = new DataView(bytes.buffer);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > size || view.getUint32(at, true) !== entrySignature) throw broken(source, `entry ${i} of its directory`); // prettier-ignore
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [number, number, number]; // prettier-ignore
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > size) throw broken(source, `entry ${i} of its directory`);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (entries.has(name)) throw refused(source.name, `the zip has '${quoted(name)}' twice`, { entry: name });
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    if (flags & 1) throw refused(source.name, `the zip is encrypted ('${quoted(name)}'); unpack it first`);
    if (method !== 0 && method !== 8) {
      throw refused(
        source.name,
        `the zip packs '${quoted(name)}' by method ${method}; expected stored or deflated`,
      );
    }
    const sizes = readSizes(view, at, new DataView(bytes.buffer, at + 46 + nameLength, extraLength));
    const deflated = method === 8;
    const entry = { name, ...sizes, deflated };
    const fits = deflated ? entry.size <= entry.packedSize * bestRatio + 64 : entry.size === entry.packedSize;
    if (!fits || entry.offset + 30 + entry.packedSize > offset) throw broken(source, `'${quoted(name)}'`);
    total += entry.size;
    if (total > largestRatio * source.size) {
      throw refused(source.name, `the zip would unpack to more than ${largestRatio} times its size`);
    }
    entries.set(name, entry);
    at = next;
  }
  return entries;
}

/** Where the data of an entry begins; the local header has lengths of its own. */
export async function dataOffset(
  source: ByteSource,
  { name, offset, packedSize }: ZipEntry,
): Promise<number> {
  const header = new DataView((await source.read(offset, 30)).buffer);
  if (header.getUint32(0, true) !== localSignature) throw broken(source, `the header of '${quoted(name)}'`);
  const begin = offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  if (begin + packedSize > source.size) throw broken(source, `'${quoted(name)}'`);
  return begin;
}

/** Bytes of an entry from `begin` on; of a deflated entry all that lies before is unpacked and dropped. */
export async function readZipEntry(
  source: ByteSource,
  entry: ZipEntry,
  begin = 0,
  length = entry.size - begin,
): Promise<Uint8Array<ArrayBuffer>> {
  if (begin + length > entry.size) throw broken(source, `'${quoted(entry.name)}' is too short`);
  const start = await dataOffset(source, entry);
  if (!entry.deflated) return source.read(start + begin, length);
  return inflate(source, entry, start, begin, length);
}

/** Never holds more than the packed entry, one chunk, and what was asked for. */
async function inflate(
  source: ByteSource,
  entry: ZipEntry,
  start: number,
  begin: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const packed = await source.read(start, entry.packedSize);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const reader = (stream as ReadableStream<Uint8Array>).getReader();
  const result = new Uint8Array(length);
  let at = 0;
  try {
    while (at < begin + length) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw broken(source, `'${quoted(entry.name)}' cannot be unpacked`, error);
      });
      if (done) throw broken(source, `'${quoted(entry.name)}' is too short`);
      const from = Math.max(begin - at, 0);
      const part = value.subarray(from, Math.max(begin + length - at, from));
      if (part.length > 0) result.set(part, at + from - begin);
      at += value.length;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return result;
}

/** The end record lies behind a comment of up to 65535 bytes; zip64 has one of its own before it. */
async function findDirectory(source: ByteSource): Promise<{ count: number; offset: number; size: number }> {
  const tail = Math.min(source.size, 22 + 65535 + 20);
  const view = new DataView((await source.read(source.size - tail, tail)).buffer);
  for (let at = tail - 22; at >= 0; at--) {
    if (view.getUint32(at, true) !== endSignature || at + 22 + view.getUint16(at + 20, true) !== tail)
      continue;
    const has64 = at >= 20 && view.getUint32(at - 20, true) === locatorSignature;
    if (has64) return findDirectory64(source, big(view, at - 20 + 8));
    return {
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    };
  }
  throw refused(source.name, 'this is a zip file without its end; was the download cut off?');
}

async function findDirectory64(
  source: ByteSource,
  at: number,
): Promise<{ count: number; offset: number; size: number }> {
  if (at + 56 > source.size) throw broken(source, 'its zip64 end lies outside');
  const view = new DataView((await source.read(at, 56)).buffer);
  if (view.getUint32(0, true) !== end64Signature) throw broken(source, 'its zip64 end');
  return { count: big(view, 32), size: big(view, 40), offset: big(view, 48) };
}

/** Sizes and offset, from the zip64 field where they do not fit into 32 bits. */
function readSizes(
  view: DataView,
  at: number,
  extra: DataView,
): Pick<ZipEntry, 'size' | 'packedSize' | 'offset'> {
  const narrow = [24, 20, 42].map((field) => view.getUint32(at + field, true));
  const wide = zip64Field(extra);
  let next = 0;
  const [size, packedSize, offset] = narrow.map((value) => {
    if (value !== 0xffffffff || !wide || next + 8 > wide.byteLength) return value;
    next += 8;
    return big(wide, next - 8);
  }) as [number, number, number];
  return { size, packedSize, offset };
}

function zip64Field(extra: DataView): DataView | undefined {
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const length = extra.getUint16(at + 2, true);
    if (at + 4 + length > extra.byteLength) return undefined;
    if (extra.getUint16(at, true) === 1) return new DataView(extra.buffer, extra.byteOffset + at + 4, length);
    at += 4 + length;
  }
  return undefined;
}

/** 64 bits; what no file is large enough for compares as too large. */
const big = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

function broken(source: ByteSource, what: string, cause?: unknown): Error {
  return refused(source.name, `the zip file is broken (${what}); was the download cut off?`, {}, cause);
}
