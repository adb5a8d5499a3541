/** A model as a folder that `fromPretrained` reads back: `model.safetensors` and a `config.json` in timm's form. */

import type { HostTensor } from '@patchslim/tensor';
import { nodeFs, nodePath, writeWhole } from '@patchslim/tensor/files';
import type { VitConfig } from '../configs.js';
import type { VitParams } from '../params.js';
import { cropFraction, type Preprocessing } from '../preprocessing.js';
import { canonicalParams } from './canonical-params.js';
import { fileError } from './file-error.js';
import { fingerprint } from './fingerprint.js';
import type { Checkpoint } from './from-pretrained.js';
import { headNames } from './identity-head.js';
import { headsKey } from './containers/safetensors-container.js';
import { writeSafetensors, type WriteSafetensorsOptions } from './write-safetensors.js';

/** What a model of one's own making has. */
export type CheckpointParts = Pick<Checkpoint, 'config' | 'preprocessing' | 'labels'> & {
  readonly params: VitParams<HostTensor<'float32'>>;
  /** Where it came from. */
  readonly source: string;
};

/** A checkpoint of parameters that were trained or adapted here, with its own fingerprint. */
export async function createCheckpoint({ params, ...parts }: CheckpointParts): Promise<Checkpoint> {
  const tensors = canonicalParams(parts.config, params);
  return { ...parts, tensors, fingerprint: await fingerprint(parts.config, tensors), ignored: [] };
}

/**
 * Writes a checkpoint into a folder, which is made when it is not there (Node only). Each file is whole or absent.
 *
 * @throws `NUMERICAL` for weights that are not finite, `IO_FAILED`
 * @example
 * await saveCheckpoint('out/model', await createCheckpoint({ config, preprocessing, params, source: 'training' }));
 */
export async function saveCheckpoint(
  folder: string,
  {
    config,
    preprocessing,
    tensors,
    labels,
  }: Pick<Checkpoint, 'config' | 'preprocessing' | 'tensors' | 'labels'>,
  options: WriteSafetensorsOptions = {},
): Promise<void> {
  const [fs, path] = await Promise.all([nodeFs(), nodePath()]);
  try {
    await fs.mkdir(folder, { recursive: true });
  } catch (error) {
    throw fileError('saveCheckpoint', folder, error);
  }
  const own = config.headless ? new Map([...tensors].filter(([name]) => !isHead(name))) : tensors;
  const metadata = { [headsKey]: String(config.heads), ...options.metadata }; // the file alone tells them too
  await writeSafetensors(path.join(folder, 'model.safetensors'), own, { ...options, metadata });
  const text = `${JSON.stringify(timmConfig(config, preprocessing, labels), null, 2)}\n`;
  await writeWhole('saveCheckpoint', path.join(folder, 'config.json'), [text]);
}

const isHead = (name: string): boolean => (headNames as readonly string[]).includes(name);

function timmConfig(
  config: VitConfig,
  preprocessing: Preprocessing,
  labels: readonly string[] | undefined,
): object {
  const { name, imageSize, patchSize, width, depth, heads, mlpWidth, distilled, layerNormEps } = config;
  const { crop, interpolation, mean, std } = preprocessing;
  return {
    architecture: `${distilled ? 'deit' : 'vit'}_${name}`,
    num_classes: config.headless ? 0 : config.classes,
    num_attention_heads: heads,
    layer_norm_eps: layerNormEps,
    model_args: {
      img_size: imageSize,
      patch_size: patchSize,
      embed_dim: width,
      depth,
      num_heads: heads,
      mlp_ratio: mlpWidth / width,
    },
    pretrained_cfg: {
      input_size: [3, crop, crop],
      crop_pct: cropFraction(preprocessing),
      interpolation,
      mean,
      std,
    },
    ...(labels ? { id2label: Object.fromEntries(labels.map((label, index) => [index, label])) } : {}),
  };
}
