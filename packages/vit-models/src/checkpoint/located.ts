/** The files that make up a checkpoint. */

import { isPatchslimError, PatchslimError } from '@patchslim/tensor';
import { nodeFs } from '@patchslim/tensor/files';
import type { ByteSource } from './byte-source.js';
import type { WeightIndex } from './containers/split-weights.js';
import type { JsonFile } from './hub-config.js';
import { fileError } from './file-error.js';
import { invalid } from './safetensors-header.js';

export const weightsFile = 'model.safetensors';
/** Names of weights in a repository, the best first. */
export const weightsFiles = [
  weightsFile,
  `${weightsFile}.index.json`,
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
] as const;
export const configFile = 'config.json';
export const preprocessorFile = 'preprocessor_config.json';

/** In bytes; the names of 20 000 classes take less than one million. */
const largestJson = 64_000_000;

/** Weights that are ready to be read, and the files found beside them. */
export interface Located {
  /** What the user is told: a path, an address without its query, `owner/name@revision`. */
  readonly name: string;
  /** One file, or the index of weights that are split over several. */
  readonly weights: ByteSource | SplitWeights;
  /** Preset that was asked for by its name. */
  readonly model?: string;
  readonly config?: JsonFile | undefined;
  readonly preprocessor?: JsonFile | undefined;
  /** What the user should know of how the files were found: sentences. */
  readonly remarks?: readonly string[];
}

/** Weights that are split over several files. */
export interface SplitWeights {
  readonly index: WeightIndex;
  /** By name of the file. */
  readonly parts: ReadonlyMap<string, ByteSource>;
}

export function isSplit(weights: Located['weights']): weights is SplitWeights {
  return 'index' in weights;
}

export async function closeLocated({ weights }: Pick<Located, 'weights'>): Promise<void> {
  const sources = isSplit(weights) ? [...weights.parts.values()] : [weights];
  await Promise.all(sources.map((source) => source.close()));
}

/** Opens the files that an index names; none stays open when one fails. */
export async function openParts(
  index: WeightIndex,
  open: (file: string) => Promise<ByteSource>,
): Promise<SplitWeights> {
  const parts = new Map<string, ByteSource>();
  try {
    for (const file of index.files) parts.set(file, await open(file));
  } catch (error) {
    await closeLocated({ weights: { index, parts } });
    if (!isPatchslimError(error, 'NOT_FOUND')) throw error;
    const problem = `${error.message}; the weights are split, and '${index.name}' names this file`;
    throw new PatchslimError('NOT_FOUND', problem, error.details, error);
  }
  return { index, parts };
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

/** By what they end with; safetensors before what must be read with more care. */
const weightEndings = [['.safetensors'], ['.pth', '.pt', '.bin', '.npz']];

/**
 * Which of these names is the weights, or the index of weights that are split: a name of `weightsFiles`, else the only safetensors file,
 * else the only other one. @throws `NOT_FOUND`, `INVALID_ARGUMENT`
 */
export function chooseWeights(folder: string, names: readonly string[]): string {
  const usual = weightsFiles.find((name) => names.includes(name));
  if (usual !== undefined && !usual.startsWith('pytorch')) return usual;
  const indices = names.filter((name) => name.endsWith('.safetensors.index.json'));
  for (const endings of [...(indices.length > 0 ? [['.safetensors.index.json']] : []), ...weightEndings]) {
    if (usual !== undefined && endings.includes('.bin')) return usual;
    const candidates = names.filter((name) => endings.some((ending) => name.endsWith(ending))).sort();
    if (candidates.length === 1) return candidates[0]!;
    if (candidates.length === 0) continue;
    const message = `fromPretrained: folder '${folder}' has several ${endings.join(', ')} files; give the path of one`;
    throw new PatchslimError('INVALID_ARGUMENT', message, { path: folder, candidates });
  }
  const endings = weightEndings.flat().join(', ');
  throw new PatchslimError(
    'NOT_FOUND',
    `fromPretrained: folder '${folder}' has no file of weights (${endings})`,
    {
      path: folder,
    },
  );
}
