/** Writes a model to disk atomically: a reader sees the old file or the new one, never a part. */

import { throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { nodePath, writeWhole } from '@patchslim/tensor/files';
import type { Graph } from '../graph.js';
import { encodeModel, type EncodeOptions } from './encode.js';
import { byteLength, type Chunks } from './wire.js';

/** Options of `saveModel`. */
export interface SaveOptions extends LongCallOptions, Omit<EncodeOptions, 'dataFile'> {}

/** The written files. Sizes in bytes. */
export interface SavedModel {
  readonly path: string;
  readonly bytes: number;
  /** The file of external data, if there is one. */
  readonly dataPath?: string;
  readonly dataBytes?: number;
}

/**
 * Writes `path`, and also `<path>.data` if the initializers exceed `externalDataLimit`.
 *
 * @throws `IO_FAILED` when a file cannot be written, `ABORTED` on the caller's signal; earlier files then stay unchanged
 */
export async function saveModel(graph: Graph, path: string, options: SaveOptions = {}): Promise<SavedModel> {
  const paths = await nodePath();
  const dataPath = `${path}.data`;
  const { model, data } = encodeModel(graph, { ...options, dataFile: paths.basename(dataPath) });
  const progress = progressOf(byteLength(model) + byteLength(data), options);
  // The data first: a model must never refer to data that does not exist yet.
  if (data.length > 0) await writeWhole('saveModel()', dataPath, reported(data, progress));
  await writeWhole('saveModel()', path, reported(model, progress));
  const saved = { path, bytes: byteLength(model) };
  return data.length > 0 ? { ...saved, dataPath, dataBytes: byteLength(data) } : saved;
}

/** Reports progress before and after each chunk. */
function* reported(chunks: Chunks, progress: (bytes: number) => void): Generator<Uint8Array> {
  for (const chunk of batched(chunks)) {
    progress(0);
    yield chunk;
    progress(chunk.byteLength);
  }
}

/** Joins small chunks (a model has tens of thousands) and passes large ones on without a copy. */
function* batched(chunks: Chunks, limit = 2 ** 16): Generator<Uint8Array> {
  const buffer = new Uint8Array(limit);
  let filled = 0;
  for (const chunk of chunks) {
    if (filled + chunk.byteLength > limit) {
      yield buffer.subarray(0, filled);
      filled = 0;
    }
    if (chunk.byteLength > limit) {
      yield chunk;
    } else {
      buffer.set(chunk, filled);
      filled += chunk.byteLength;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

function progressOf(total: number, { signal, onProgress }: LongCallOptions): (bytes: number) => void {
  let done = 0;
  return (bytes) => {
    throwIfAborted(signal, 'saveModel()');
    done += bytes;
    onProgress?.({ stage: 'write', done, total, unit: 'bytes' });
  };
}
