/** Reading of safetensors files, one tensor at a time. */

import {
  PatchslimError,
  float32,
  nearMatches,
  throwIfAborted,
  type HostTensor,
  type LongCallOptions,
} from '@patchslim/tensor';
import type { ByteSource } from './byte-source.js';
import { decodeFloats, floatDTypes, isFloatDType } from './decode-floats.js';
import {
  invalid,
  readSafetensorsHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from './safetensors-header.js';

/** Options of `readSafetensors`. */
export interface ReadSafetensorsOptions extends LongCallOptions {
  /** Which tensors to read; by default all with floating-point elements. */
  readonly names?: readonly string[];
}

/**
 * Reads weights as float32 (from F32, F16, BF16 or F64).
 *
 * @throws `CHECKPOINT_INVALID` for a broken file, NaN or infinity included; `WEIGHTS_MISSING` for an absent name
 * @example
 * const source = await fileSource('model.safetensors');
 * const weights = await readSafetensors(source, { names: ['head.bias'] });
 * await source.close();
 */
export async function readSafetensors(
  source: ByteSource,
  options: ReadSafetensorsOptions = {},
): Promise<Map<string, HostTensor<'float32'>>> {
  const header = await readSafetensorsHeader(source);
  const entries = options.names
    ? options.names.map((name) => findEntry(source, header, name))
    : [...header.entries.values()].filter((entry) => isFloatDType(entry.dtype));
  const total = entries.reduce((bytes, entry) => bytes + entry.end - entry.begin, 0);
  const tensors = new Map<string, HostTensor<'float32'>>();
  let done = 0;
  for (const entry of entries) {
    throwIfAborted(options.signal, 'readSafetensors');
    tensors.set(entry.name, await readSafetensor(source, entry));
    done += entry.end - entry.begin;
    options.onProgress?.({ stage: 'read', done, total, unit: 'bytes' });
  }
  return tensors;
}

/**
 * Reads one tensor that a header lists.
 *
 * @throws `CHECKPOINT_INVALID` when its elements are not floating-point, or not all finite
 */
export async function readSafetensor(
  source: ByteSource,
  entry: SafetensorsEntry,
): Promise<HostTensor<'float32'>> {
  const { name, dtype, shape, begin, end } = entry;
  if (!isFloatDType(dtype)) {
    throw invalid(
      source.name,
      `tensor '${name}': expected ${floatDTypes.join(', ')}, got ${dtype} at byte ${begin}`,
      {
        tensor: name,
        byte: begin,
      },
    );
  }
  const data = decodeFloats(dtype, await source.read(begin, end - begin));
  const broken = data.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    const byte = begin + broken * ((end - begin) / data.length);
    throw invalid(source.name, `tensor '${name}': element ${broken} at byte ${byte} is ${data[broken]}`, {
      tensor: name,
      byte,
    });
  }
  return float32(shape, data);
}

function findEntry(source: ByteSource, header: SafetensorsHeader, name: string): SafetensorsEntry {
  const entry = header.entries.get(name);
  if (entry) return entry;
  const near = nearMatches(name, [...header.entries.keys()]);
  const hint = near.length > 0 ? `; near: ${near.join(', ')}` : '';
  throw new PatchslimError(
    'WEIGHTS_MISSING',
    `readSafetensors: '${source.name}' has no tensor '${name}'${hint}`,
    {
      file: source.name,
      missing: [name],
      near,
    },
  );
}
