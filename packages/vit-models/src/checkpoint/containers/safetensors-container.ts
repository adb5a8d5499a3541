/** A safetensors file as a container. */

import type { ByteSource } from '../byte-source.js';
import { readSafetensor } from '../safetensors.js';
import { readSafetensorsHeader } from '../safetensors-header.js';
import type { Container, StoredTensor } from './container.js';

/** Key in the header's metadata with the number of attention heads, which no shape tells. */
export const headsKey = 'num_attention_heads';

/** @throws as `readSafetensorsHeader` */
export async function safetensorsContainer(source: ByteSource): Promise<Container> {
  const { entries, metadata } = await readSafetensorsHeader(source);
  const told = metadata[headsKey];
  return {
    file: source.name,
    tensors: new Map(
      [...entries].map(([name, entry]): [string, StoredTensor] => [
        name,
        {
          name,
          shape: entry.shape,
          dtype: entry.dtype,
          byteLength: entry.end - entry.begin,
          read: () => readSafetensor(source, entry),
        },
      ]),
    ),
    ...(told !== undefined && /^[1-9]\d{0,4}$/.test(told) ? { heads: Number(told) } : {}),
    ignored: [],
    remarks: [],
  };
}
