/** The files that make up a checkpoint. */

import { PatchslimError } from '@patchslim/tensor';
import { nodeFs } from '@patchslim/tensor/files';
import type { ByteSource } from './byte-source.js';
import type { JsonFile } from './hub-config.js';
import { fileError } from './file-error.js';
import { invalid } from './safetensors-header.js';

export const weightsFile = 'model.safetensors';
export const configFile = 'config.json';
export const preprocessorFile = 'preprocessor_config.json';

/** In bytes; the names of 20 000 classes take less than one million. */
const largestJson = 64_000_000;

/** Weights that are ready to be read, and the files found beside them. */
export interface Located {
  /** What the user is told: a path, an address without its query, `owner/name@revision`. */
  readonly name: string;
  readonly weights: ByteSource;
  /** Preset that was asked for by its name. */
  readonly model?: string;
  readonly config?: JsonFile | undefined;
  readonly preprocessor?: JsonFile | undefined;
}

/** A file that may be absent. @throws `CHECKPOINT_INVALID` when it is absurdly large; `IO_FAILED` */
export async function readJsonFile(path: string): Promise<JsonFile | undefined> {
  const fs = await nodeFs();
  try {
    const { size } = await fs.stat(path);
    if (size > largestJson) throw invalid(path, `expected at most ${largestJson} bytes of JSON, got ${size}`);
    return { name: path, text: await fs.readFile(path, 'utf8') };
  } catch (error) {
    if (error instanceof PatchslimError) throw error;
    const failure = fileError('fromPretrained', path, error);
    if (failure.code === 'NOT_FOUND') return undefined;
    throw failure;
  }
}
