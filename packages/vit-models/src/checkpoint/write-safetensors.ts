/** Writing of weights as a safetensors file (F32). */

import { PatchslimError, type HostTensor } from '@patchslim/tensor';
import { writeWhole } from '@patchslim/tensor/files';

type Tensors = ReadonlyMap<string, HostTensor<'float32'>>;

/**
 * Writes tensors in the order of the map. The file appears under `path` only when it is complete (Node only).
 *
 * @throws `NUMERICAL` for NaN or infinity, `INVALID_ARGUMENT` for a reserved name, `IO_FAILED`
 * @example
 * await writeSafetensors('adapted.safetensors', checkpoint.tensors);
 */
export async function writeSafetensors(path: string, tensors: Tensors): Promise<void> {
  await writeWhole('writeSafetensors', path, encode(tensors));
}

function* encode(tensors: Tensors): Generator<Uint8Array> {
  yield encodeHeader(tensors);
  for (const { data } of tensors.values()) {
    yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
}

/** The length prefix and the JSON, padded with spaces so that the data starts at a multiple of 8 bytes. */
function encodeHeader(tensors: Tensors): Uint8Array {
  const entries: [string, unknown][] = [['__metadata__', { format: 'pt' }]];
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    checkTensor(name, data);
    entries.push([name, { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, 8);
  return header;
}

function checkTensor(name: string, data: Float32Array): void {
  if (name === '__metadata__') {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `writeSafetensors: the name '${name}' is reserved by the format`,
    );
  }
  const broken = data.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    const message = `writeSafetensors: tensor '${name}': element ${broken} is ${data[broken]}, expected a finite number`;
    throw new PatchslimError('NUMERICAL', message, { tensor: name, element: broken });
  }
}
