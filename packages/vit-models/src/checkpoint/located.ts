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
    return await jsonFile(path, size, () => fs.readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof PatchslimError) throw error;
    const failure = fileError('fromPretrained', path, error);
    if (failure.code === 'NOT_FOUND') return undefined;
    throw failure;
  }
}

/** @param size in bytes @throws `CHECKPOINT_INVALID` when it is absurdly large */
export async function jsonFile(name: string, size: number, read: () => Promise<string>): Promise<JsonFile> {
  if (size > largestJson) throw invalid(name, `expected at most ${largestJson} bytes of JSON, got ${size}`);
  return { name, text: await read() };
}

/** Which of these names is the weights: `model.safetensors`, else the only one that ends like it. @throws `NOT_FOUND`, `INVALID_ARGUMENT` */
export function chooseWeights(folder: string, names: readonly string[]): string {
  const candidates = names.filter((name) => name.endsWith('.safetensors'));
  const name = candidates.includes(weightsFile) ? weightsFile : candidates[0];
  if (name === undefined) {
    throw new PatchslimError('NOT_FOUND', `fromPretrained: folder '${folder}' has no .safetensors file`, {
      path: folder,
    });
  }
  if (name !== weightsFile && candidates.length > 1) {
    const message = `fromPretrained: folder '${folder}' has several .safetensors files; give the path of one`;
    throw new PatchslimError('INVALID_ARGUMENT', message, { path: folder, candidates });
  }
  return name;
}
