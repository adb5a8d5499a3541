/** The one call that turns whatever a user has into a checked model: config, preprocessing, weights, identity. */

import { throwIfAborted, type HostTensor } from '@patchslim/tensor';
import { gridSize, prefixTokens, vitPreset, withImageSize, type VitConfig } from '../configs.js';
import { presetLabels } from '../labels/preset-labels.js';
import { withInputSize, type Preprocessing } from '../preprocessing.js';
import { canonicalEntries, readCanonicalTensors } from './canonical-tensors.js';
import { fingerprint } from './fingerprint.js';
import { choosePreprocessing, classRemarks } from './choose-preprocessing.js';
import { readHubConfig, type HubConfig } from './hub-config.js';
import { inferConfig } from './infer-config.js';
import { locate, type CheckpointSource } from './locate.js';
import type { RemoteOptions } from './locate-remote.js';
import type { Located } from './located.js';
import { canonicalNames, foreignNames } from './names.js';
import { resizePositionEmbedding } from './position-embedding.js';
import { invalid, readSafetensorsHeader } from './safetensors-header.js';

/** Options of `fromPretrained`. */
export interface FromPretrainedOptions extends RemoteOptions {
  /** Preset that the weights must fit; by default it is found from their shapes. */
  readonly model?: string | undefined;
  /** Pixels; when it is not the weights' own size, the position embeddings are resized (antialiased bicubic). */
  readonly imageSize?: number | undefined;
}

/** A pretrained model. */
export interface Checkpoint {
  readonly config: VitConfig;
  readonly preprocessing: Preprocessing;
  /** Weights by canonical name (`canonicalShapes`), in PyTorch's layout. */
  readonly tensors: ReadonlyMap<string, HostTensor<'float32'>>;
  /** SHA-256 of architecture and weights, in hex. */
  readonly fingerprint: string;
  /** Where it came from. */
  readonly source: string;
  /** Names in the file that are no weight of the model (pooler, mask token, …). */
  readonly ignored: readonly string[];
  /** Names of the classes by index: from the files beside the weights, else those of the preset (`presetLabels`). */
  readonly labels?: readonly string[];
  /** What is not used of the files beside the weights, and what is assumed: sentences for the user. */
  readonly remarks?: readonly string[];
}

/**
 * Loads ViT or DeiT weights in safetensors form: from a file, a folder, an address (of a folder when it ends with `/`), a
 * hub id, a preset name (its hub repository), a Blob, bytes, or the files of a folder that a user chose in a browser.
 * Progress has the stages `download` (when needed) and `read`, in bytes. Downloads are kept: in `cacheDir` in Node, in the
 * Cache API in a browser.
 *
 * @throws `NOT_FOUND`, `DOWNLOAD_FAILED`, `IO_FAILED`, `CHECKPOINT_INVALID`, `WEIGHTS_MISSING`, `UNKNOWN_NAME`,
 * `INVALID_ARGUMENT`, `ABORTED`
 * @example
 * const { config, tensors } = await fromPretrained('model.safetensors');
 */
export async function fromPretrained(
  source: CheckpointSource,
  options: FromPretrainedOptions = {},
): Promise<Checkpoint> {
  const { model, imageSize, signal, onProgress } = options;
  throwIfAborted(signal, 'fromPretrained');
  if (model !== undefined) vitPreset(model); // an unknown name shall not cost a download
  const located = await locate(source, options);
  try {
    const { weights } = located;
    const hub = readHubConfig(located.config, located.preprocessor);
    const header = await readSafetensorsHeader(weights);
    const names = canonicalNames(header.entries.keys(), weights.name);
    const entries = canonicalEntries(header, names, weights.name);
    const native = inferConfig(entries, {
      file: weights.name,
      model: model ?? located.model,
      heads: hub.heads,
      layerNormEps: hub.layerNormEps ?? (names.family === 'timm' ? 1e-6 : 1e-12),
      hint: familyHint(located, hub),
      ignored: names.ignored,
    });
    refuseForeign(weights.name, names.ignored);
    const config = imageSize === undefined ? native : withImageSize(native, imageSize);

    const tensors = await readCanonicalTensors(weights, entries, { signal, onProgress });
    if (config.imageSize !== native.imageSize) {
      const grid = { prefixTokens: prefixTokens(config), gridSize: gridSize(config) };
      tensors.set('pos_embed', resizePositionEmbedding(tensors.get('pos_embed')!, grid));
    }
    throwIfAborted(signal, 'fromPretrained');
    const labels = hub.labels?.length === config.classes ? hub.labels : await presetLabels(config);
    const { preprocessing, remarks: assumed } = choosePreprocessing(hub, native, {
      isNamed: model !== undefined,
    });
    const remarks = [...hub.remarks, ...classRemarks(hub, config), ...assumed];
    return {
      config,
      preprocessing: withInputSize(preprocessing, config.imageSize),
      tensors,
      fingerprint: await fingerprint(config, tensors),
      source: located.name,
      ignored: names.ignored,
      ...(labels ? { labels } : {}),
      ...(remarks.length > 0 ? { remarks } : {}),
    };
  } finally {
    await located.weights.close();
  }
}

/** The last part of the path, since `vit` in the name of some outer folder tells nothing. */
function familyHint(located: Located, { architecture }: HubConfig): string {
  return architecture ?? located.name.split(/[\\/]/).filter(Boolean).pop() ?? '';
}

function refuseForeign(file: string, ignored: readonly string[]): void {
  const foreign = foreignNames(ignored);
  if (foreign.length === 0) return;
  const problem = `${foreign.slice(0, 3).join(', ')} belong to another architecture than a plain ViT or DeiT`;
  throw invalid(file, problem, { tensors: foreign });
}
