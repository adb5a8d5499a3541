/** Opens a weight file of any format that is read, by its first bytes. */

import type { ByteSource } from '../byte-source.js';
import { refused, refuseEntry } from './checkpoint-error.js';
import type { Container } from './container.js';
import { fileFormat, tellingBytes } from './file-format.js';
import { safetensorsContainer } from './safetensors-container.js';

/** What `openContainer` is told. */
export interface ContainerOptions {
  /** Key of the weights in a file that holds several sets of them, such as `model` and `model_ema`. */
  readonly entry?: string | undefined;
}

/**
 * Reads the index of a weight file: safetensors, a PyTorch file (zip or older, never executed), or AugReg's `.npz`.
 *
 * @throws `CHECKPOINT_INVALID` with the format and what to do, for any other file, and for a broken one
 */
export async function openContainer(source: ByteSource, options: ContainerOptions = {}): Promise<Container> {
  const start = await source.read(0, Math.min(source.size, tellingBytes));
  const format = fileFormat(start, source.size);
  if ('refused' in format) throw refused(source.name, format.refused);
  switch (format.read) {
    case 'safetensors':
      refuseEntry(source.name, options.entry);
      return safetensorsContainer(source);
    case 'zip': {
      const { zipContainer } = await import('./zip-container.js');
      return zipContainer(source, options);
    }
    case 'pickle': {
      const { legacyContainer } = await import('../pytorch/legacy-file.js');
      return legacyContainer(source, options);
    }
    default:
      return format.read satisfies never;
  }
}
