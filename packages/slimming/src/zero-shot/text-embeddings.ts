/** Text embeddings of classes, as a file gives them: with them an encoder of images and text classifies without training. */

import { PatchslimError } from '@patchslim/tensor';
import { nodeFs } from '@patchslim/tensor/files';
import { bytesSource, readSafetensors } from '@patchslim/vit-models';
import { normalizedRows } from '../head/cosine.js';

/** One embedding for each class. */
export interface TextEmbeddings {
  readonly classes: number;
  /** `D`, as of the image embeddings. */
  readonly width: number;
  /** `[classes, D]`, each of length 1. */
  readonly values: Float32Array;
  /** Names of the classes by index, if the file has them. */
  readonly names?: readonly string[];
  /** Factor of the cosines: the logits of an image are this times the cosine to each class. */
  readonly logitScale: number;
}

/** Options of `readTextEmbeddings`. */
export interface TextEmbeddingsOptions {
  /** `exp` of the logit scale that the model was trained with. @default 100, as CLIP's */
  readonly logitScale?: number | undefined;
}

/** The trained scale of CLIP, which training does not let grow further. */
export const usualLogitScale = 100;

/**
 * Reads text embeddings (Node only): safetensors with one tensor `[classes, D]`, or JSON `{ "name": [numbers] }`, where the order of
 * the names is that of the classes.
 * @throws NOT_FOUND, IO_FAILED; DATA_INVALID for another content; INVALID_ARGUMENT for a scale that is no positive number
 * @example
 * const text = await readTextEmbeddings('imagenet-prompts.safetensors');
 * const { slimmed } = await evaluatePair(model, result.model, images, { batchSize: 8, text });
 */
export async function readTextEmbeddings(
  path: string,
  options: TextEmbeddingsOptions = {},
): Promise<TextEmbeddings> {
  const { readFile } = await nodeFs();
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const missing = (error as { code?: unknown }).code === 'ENOENT';
    throw new PatchslimError(
      missing ? 'NOT_FOUND' : 'IO_FAILED',
      `readTextEmbeddings(): ${missing ? 'there is no' : 'cannot read'} '${path}'`,
      { path },
      error,
    );
  }
  return parseTextEmbeddings(bytes, path, options);
}

/** As `readTextEmbeddings`, of bytes. `file` is for errors. */
export async function parseTextEmbeddings(
  bytes: Uint8Array,
  file: string,
  { logitScale = usualLogitScale }: TextEmbeddingsOptions = {},
): Promise<TextEmbeddings> {
  if (!(logitScale > 0 && Number.isFinite(logitScale))) {
    const message = `text embeddings: expected logitScale > 0, got ${logitScale}`;
    throw new PatchslimError('INVALID_ARGUMENT', message, { logitScale });
  }
  // Safetensors begin with a length in eight bytes; no text has a zero as its eighth.
  const { rows, names } = bytes[7] === 0 ? await readTensor(bytes, file) : readJson(bytes, file);
  const { width, values } = rows;
  if (width === 0 || values.length === 0) throw invalid(file, 'has no embedding');
  if (!values.every(Number.isFinite)) throw invalid(file, 'has numbers that are not finite');
  return {
    ...{ classes: values.length / width, width, logitScale },
    values: normalizedRows(values, width),
    ...(names && { names }),
  };
}

interface Parsed {
  readonly rows: { readonly width: number; readonly values: Float32Array };
  readonly names?: readonly string[];
}

async function readTensor(bytes: Uint8Array, file: string): Promise<Parsed> {
  const tensors = await readSafetensors(bytesSource(bytes, file));
  const [first, ...others] = tensors.values();
  if (!first || others.length > 0 || first.shape.length !== 2) {
    const found = [...tensors].map(([name, { shape }]) => `${name} [${shape.join(',')}]`).slice(0, 5);
    throw invalid(file, `expected one tensor [classes, D], got ${found.join(', ') || 'none'}`);
  }
  return { rows: { width: first.shape[1]!, values: first.data } };
}

function readJson(bytes: Uint8Array, file: string): Parsed {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw invalid(file, 'is neither safetensors nor JSON', error);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw invalid(file, 'expected an object { "name": [numbers] }');
  }
  const entries = Object.entries(json as Record<string, unknown>);
  const number = entries.find(([name]) => /^(0|[1-9]\d*)$/.test(name))?.[0];
  if (number !== undefined && entries.length > 1) {
    // JavaScript would put them before the others, so the order of the file would be lost.
    const isInOrder = entries.every(([name], index) => name === String(index));
    if (!isInOrder) throw invalid(file, `'${number}' is a number and no name, so the order of the classes is lost`);
  }
  const rows = entries.map(([name, row]) => {
    if (!Array.isArray(row) || !row.every((value) => typeof value === 'number')) {
      throw invalid(file, `expected a list of numbers for '${name}'`);
    }
    return row;
  });
  const width = rows[0]?.length ?? 0;
  const odd = rows.findIndex((row) => row.length !== width);
  if (odd >= 0) {
    throw invalid(file, `'${entries[odd]![0]}' has ${rows[odd]!.length} numbers, and the first has ${width}`);
  }
  return {
    rows: { width, values: Float32Array.from(rows.flat()) },
    ...(number === undefined && { names: entries.map(([name]) => name) }),
  };
}

const invalid = (file: string, problem: string, cause?: unknown): PatchslimError =>
  new PatchslimError('DATA_INVALID', `text embeddings '${file}': ${problem}`, { file }, cause);
