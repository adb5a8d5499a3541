/** Writing of weights as a safetensors file. */

import { PatchslimError, type HostTensor } from '@patchslim/tensor';
import { writeWhole } from '@patchslim/tensor/files';
import { encodeFloats, type WrittenDType } from './encode-floats.js';

type Tensors = ReadonlyMap<string, HostTensor<'float32'>>;

/** Options of `writeSafetensors`. */
export interface WriteSafetensorsOptions {
  /** F16 takes half the space and rounds. @default 'F32' */
  readonly dtype?: WrittenDType | undefined;
  /** Texts for the header, beside the format. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/**
 * Writes tensors in the order of the map. The file appears under `path` only when it is complete (Node only).
 *
 * @throws `NUMERICAL` for NaN, infinity or what becomes infinite in F16, `INVALID_ARGUMENT` for a reserved name, `IO_FAILED`
 * @example
 * await writeSafetensors('adapted.safetensors', checkpoint.tensors);
 */
export async function writeSafetensors(
  path: string,
  tensors: Tensors,
  options: WriteSafetensorsOptions = {},
): Promise<void> {
  await writeWhole('writeSafetensors', path, encode(tensors, options));
}

function* encode(tensors: Tensors, options: WriteSafetensorsOptions): Generator<Uint8Array> {
  yield encodeHeader(tensors, options);
  for (const { data } of tensors.values()) yield encodeFloats(options.dtype ?? 'F32', data);
}

/** The smallest magnitude that becomes infinite. */
const infinite: Readonly<Record<WrittenDType, number>> = { F32: Infinity, F16: 65520 };

/** The length prefix and the JSON, padded with spaces so that the data starts at a multiple of 8 bytes. */
function encodeHeader(tensors: Tensors, { dtype = 'F32', metadata }: WriteSafetensorsOptions): Uint8Array {
  const entries: [string, unknown][] = [['__metadata__', { format: 'pt', ...metadata }]];
  const size = dtype === 'F32' ? 4 : 2;
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    checkTensor(name, data, infinite[dtype]);
    const end = offset + data.length * size;
    entries.push([name, { dtype, shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, 8);
  return header;
}

function checkTensor(name: string, data: Float32Array, limit: number): void {
  if (name === '__metadata__') {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `writeSafetensors: the name '${name}' is reserved by the format`,
    );
  }
  const broken = data.findIndex((value) => !Number.isFinite(value) || Math.abs(value) >= limit);
  if (broken >= 0) {
    const message = `writeSafetensors: tensor '${name}': element ${broken} is ${data[broken]}, expected a finite number${Number.isFinite(data[broken]) ? ' within F16' : ''}`;
    throw new PatchslimError('NUMERICAL', message, { tensor: name, element: broken });
  }
}
