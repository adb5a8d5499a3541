/**
 * The header of a safetensors file: 8 bytes with its length (u64, little-endian), then JSON that gives every
 * tensor's dtype, shape and byte range. All of it is checked here, so that later code can trust it.
 */

import { PatchslimError, sizeOf, type ErrorDetails, type Shape } from '@patchslim/tensor';
import type { ByteSource } from './byte-source.js';
import { describeJson } from './describe-json.js';

/** Bytes per element of the dtypes of the format (those below one byte are not read). */
const bytesPerElement = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
  C64: 8,
} as const;

/** Element types that are read. */
export type SafetensorsDType = keyof typeof bytesPerElement;

/** Where one tensor lies. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: Shape;
  /** First byte, counted from the start of the file. */
  readonly begin: number;
  /** One past the last byte. */
  readonly end: number;
}

/** What a file says of its tensors. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  /** By name, in the order of the header. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
}

/** In bytes; the reference implementation refuses longer headers. */
const longestHeader = 100_000_000;
const prefixLength = 8;

/**
 * Reads and checks the header; no weights are read.
 *
 * @throws `CHECKPOINT_INVALID` naming the file, the tensor and the byte
 */
export async function readSafetensorsHeader(source: ByteSource): Promise<SafetensorsHeader> {
  if (source.size < prefixLength) {
    throw invalid(source.name, `expected at least ${prefixLength} bytes, got ${source.size}`);
  }
  const prefix = await source.read(0, prefixLength);
  const length = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  if (length > longestHeader || length > source.size - prefixLength) {
    throw invalid(source.name, longHeaderProblem(prefix, length, source.size), {
      headerLength: length,
      size: source.size,
    });
  }
  const json = parseHeader(source.name, await source.read(prefixLength, length));
  const { __metadata__: metadata = {}, ...tensors } = json;
  const dataStart = prefixLength + length;
  const entries = new Map(
    Object.entries(tensors).map(([name, value]) => [name, parseEntry(source.name, name, value, dataStart)]),
  );
  checkCoverage(source, dataStart, [...entries.values()]);
  return { metadata: parseMetadata(source.name, metadata), entries };
}

/** Files of another format have a length prefix by accident. */
function longHeaderProblem(prefix: Uint8Array, length: number, size: number): string {
  if (prefix[0] === 0x50 && prefix[1] === 0x4b) {
    return 'this is a zip file, perhaps PyTorch weights; convert it to safetensors first';
  }
  return length > size - prefixLength
    ? `byte 0: a header of ${length} bytes does not fit into a file of ${size}; is the file complete, and safetensors?`
    : `byte 0: expected a header of at most ${longestHeader} bytes, got ${length}`;
}

/** The error of a broken file. */
export function invalid(
  file: string,
  problem: string,
  details: ErrorDetails = {},
  cause?: unknown,
): PatchslimError {
  return new PatchslimError(
    'CHECKPOINT_INVALID',
    `safetensors '${file}': ${problem}`,
    { file, ...details },
    cause,
  );
}

function parseHeader(file: string, bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    json = JSON.parse(text);
  } catch (error) {
    throw invalid(file, `byte ${prefixLength}: the header is not JSON in UTF-8`, {}, error);
  }
  if (!isRecord(json)) throw invalid(file, `byte ${prefixLength}: the header is not a JSON object`);
  const repeated = repeatedKey(text);
  if (repeated !== undefined) {
    throw invalid(file, `tensor '${repeated}' occurs twice in the header`, { tensor: repeated });
  }
  return json;
}

/** A key that the outermost object of valid JSON has twice. `JSON.parse` would keep the last one and say nothing. */
function repeatedKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  // Strings are passed over by hand: a pattern for one would overflow its stack where a string is long.
  const next = /["{}[\]]/g;
  for (let match = next.exec(json); match; match = next.exec(json)) {
    const [token] = match;
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else {
      const end = stringEnd(json, match.index);
      next.lastIndex = end;
      if (depth !== 1) continue;
      // Values at this depth are objects in every valid header, so a string is a key.
      const key = JSON.parse(json.slice(match.index, end)) as string;
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}

/** Offset behind the string that begins at `start`; its closing quote has an even number of backslashes before it. */
function stringEnd(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); ; quote = json.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (json[quote - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return quote + 1;
  }
}

function parseMetadata(file: string, value: unknown): Record<string, string> {
  if (isRecord(value) && Object.values(value).every((text) => typeof text === 'string')) {
    return value as Record<string, string>;
  }
  throw invalid(file, '__metadata__ is not an object of strings');
}

function parseEntry(file: string, name: string, value: unknown, dataStart: number): SafetensorsEntry {
  const fail = (problem: string, details: ErrorDetails = {}) =>
    invalid(file, `tensor '${name}': ${problem}`, { tensor: name, ...details });
  if (!isRecord(value)) throw fail('its entry is not an object');
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(bytesPerElement, dtype)) {
    throw fail(`unknown dtype ${describeJson(dtype)}`);
  }
  if (!isCounts(shape)) throw fail(`shape ${describeJson(shape)} is not a list of dimensions`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw fail(`data_offsets ${describeJson(offsets)} are not [begin, end]`);
  }
  const [begin, end] = [dataStart + offsets[0]!, dataStart + offsets[1]!];
  const expected = sizeOf(shape) * bytesPerElement[dtype as SafetensorsDType];
  if (end - begin !== expected) {
    throw fail(
      `${dtype}${describeJson(shape)} needs ${expected} bytes, got ${end - begin} at byte ${begin}`,
      {
        byte: begin,
      },
    );
  }
  return { name, dtype: dtype as SafetensorsDType, shape, begin, end };
}

/** Every data byte belongs to exactly one tensor. */
function checkCoverage(source: ByteSource, dataStart: number, entries: SafetensorsEntry[]): void {
  let covered = dataStart;
  for (const { name, begin, end } of entries.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      const what =
        begin < covered ? 'overlaps the tensor before it, which ends' : 'leaves a gap after the data';
      throw invalid(source.name, `tensor '${name}' at byte ${begin} ${what} at byte ${covered}`, {
        tensor: name,
        byte: begin,
      });
    }
    covered = end;
  }
  if (covered !== source.size) {
    throw invalid(source.name, `the tensors end at byte ${covered}, the file at byte ${source.size}`, {
      byte: Math.min(covered, source.size),
    });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}
