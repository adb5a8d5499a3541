/** A pretrained model, ready to run: the checkpoint and a backend in one call. */

import type { Backend } from '@patchslim/tensor';
import {
  fromPretrained as readCheckpoint,
  placeModel,
  type CheckpointSource,
  type FromPretrainedOptions as CheckpointOptions,
  type VitModel,
} from '@patchslim/vit-models';
import { openNamedBackend } from './open-backend.js';

/** Options of `fromPretrained`. */
export interface FromPretrainedOptions extends CheckpointOptions {
  /** Where the model runs: a name that `patchslim doctor` lists, `auto` for the first that works, or an open backend. @default 'native' */
  readonly backend?: string | Backend | undefined;
}

/**
 * Loads ViT or DeiT weights and places them on a backend. Close `model.backend` when done.
 *
 * @param source a preset's name (downloaded once from the Hugging Face hub), a weight file (safetensors, `.pth`, `.npz`), a
 *   folder, an address, a hub id, or bytes
 * @throws `UNKNOWN_NAME`, `BACKEND_UNAVAILABLE`, `NOT_FOUND`, `DOWNLOAD_FAILED`, `IO_FAILED`, `CHECKPOINT_INVALID`,
 *   `WEIGHTS_MISSING`, `INVALID_ARGUMENT`, `ABORTED`
 * @example
 * const model = await fromPretrained('deit_tiny_patch16_224.safetensors');
 * console.log(model.config.depth, model.labels[0]); // 12 'tench, Tinca tinca'
 */
export async function fromPretrained(
  source: CheckpointSource,
  { backend = 'native', ...options }: FromPretrainedOptions = {},
): Promise<VitModel> {
  if (typeof backend !== 'string') return placeModel(backend, await readCheckpoint(source, options));
  const opened = await openNamedBackend(backend); // before a download: a name that is wrong shall cost nothing
  try {
    return placeModel(opened, await readCheckpoint(source, options));
  } catch (error) {
    await opened.close();
    throw error;
  }
}
