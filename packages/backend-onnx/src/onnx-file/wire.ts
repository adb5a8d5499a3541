/**
 * The part of the protobuf wire format that ONNX needs. A message is a list of byte chunks. Large payloads stay views of
 * the caller's memory; only small messages are copied, into one chunk each, which keeps the lists short.
 */

/** An encoded message or field. */
export type Chunks = readonly Uint8Array[];

const utf8 = new TextEncoder();

const varintType = 0;
const lengthType = 2;
const fixed32Type = 5;

export function byteLength(chunks: Chunks): number {
  return chunks.reduce((total, chunk) => total + chunk.byteLength, 0);
}

/** Messages below this many bytes become one chunk. */
const smallMessage = 512;

/** Copies chunks into one array, for small messages and for loaders that require one array. */
export function joinChunks(chunks: Chunks): Uint8Array {
  const joined = new Uint8Array(byteLength(chunks));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
}

/** The numbers that fit into one byte: nearly all tags, lengths and values. */
const oneByte = Array.from({ length: 0x80 }, (_, value) => Uint8Array.of(value));

/** Seven bits per byte, lowest first; negative numbers in 64-bit two's complement. */
function varint(value: number | bigint): Uint8Array {
  const short = oneByte[Number(value)];
  if (short) return short;
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}

const tag = (field: number, type: number): Uint8Array => varint(field * 8 + type);

export function intField(field: number, value: number | bigint): Chunks {
  return [tag(field, varintType), varint(value)];
}

export function floatField(field: number, value: number): Chunks {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [tag(field, fixed32Type), bytes];
}

export function stringField(field: number, value: string): Chunks {
  return messageField(field, [utf8.encode(value)]);
}

/** A nested message, or raw bytes. */
export function messageField(field: number, body: Chunks): Chunks {
  const length = byteLength(body);
  const message = [tag(field, lengthType), varint(length), ...body];
  return length < smallMessage ? [joinChunks(message)] : message;
}

/** One field per value: proto2 does not pack repeated scalars. */
export function repeated<T>(values: readonly T[], encode: (value: T) => Chunks): Chunks {
  return values.flatMap(encode);
}
