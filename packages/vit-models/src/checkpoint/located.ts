/** The files that make up a checkpoint. */

import type { ByteSource } from './byte-source.js';
import type { JsonFile } from './hub-config.js';
import { fileError, nodeFs } from './node-files.js';

export const weightsFile = 'model.safetensors';
export const configFile = 'config.json';
export const preprocessorFile = 'preprocessor_config.json';

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

/** A file that may be absent. */
export async function readJsonFile(path: string): Promise<JsonFile | undefined> {
  const fs = await nodeFs();
  try {
    return { name: path, text: await fs.readFile(path, 'utf8') };
  } catch (error) {
    const failure = fileError('fromPretrained', path, error);
    if (failure.code === 'NOT_FOUND') return undefined;
    throw failure;
  }
}
