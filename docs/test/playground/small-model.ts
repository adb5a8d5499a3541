/** A model that even a software GPU runs in milliseconds. */

import { createRandom, float32, sizeOf } from '@patchslim/tensor';
import { canonicalShapes, writeSafetensors, type VitConfig } from '@patchslim/vit-models';

/** 17 tokens, 2 blocks. */
const config: VitConfig = {
  ...{ name: 'custom', imageSize: 16, patchSize: 4, width: 64, depth: 2, heads: 1, mlpWidth: 128 },
  ...{ classes: 5, layerNormEps: 1e-6 },
};

/** @returns `path` */
export async function writeSmallModel(path: string): Promise<string> {
  const random = createRandom(1);
  const tensors = [...canonicalShapes(config)].map(([name, shape]) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, () => random() - 0.5);
    return [name, float32(shape, values)] as const;
  });
  const metadata = { num_attention_heads: String(config.heads) }; // no preset has these sizes
  await writeSafetensors(path, new Map(tensors), { metadata });
  return path;
}
