/** A small model for tests of checkpoint loading, and files that hold it in every form. */

import { float32, sizeOf, type HostTensor } from '@patchslim/tensor';
import type { VitConfig } from '../src/config.js';
import { canonicalShapes } from '../src/spec.js';

export type Weights = Map<string, HostTensor<'float32'>>;

export const smallConfig: VitConfig = {
  name: 'custom',
  imageSize: 16,
  patchSize: 4,
  width: 64,
  depth: 2,
  heads: 1,
  mlpWidth: 128,
  classes: 5,
  layerNormEps: 1e-6,
};

/** Weights that are all different, and exact in every floating-point dtype but bfloat16. */
export function smallWeights(config: VitConfig = smallConfig): Weights {
  let next = 0;
  // The second term keeps tensors of 2048 n elements from being copies of each other.
  const value = () => {
    const mixed = next * 7919 + Math.floor(next / 2048) * 31;
    next++;
    return (mixed % 2048) / 1024 - 1;
  };
  return new Map(
    [...canonicalShapes(config)].map(([name, shape]) => [
      name,
      float32(shape, Float32Array.from({ length: sizeOf(shape) }, value)),
    ]),
  );
}

/** One tensor of a file to be encoded, byte for byte as given. */
export interface RawTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export function rawFloat32(tensor: HostTensor<'float32'>): RawTensor {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return { dtype: 'F32', shape: tensor.shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

/** A safetensors file, written independently of `writeSafetensors`. */
export function encode(
  tensors: Iterable<readonly [string, RawTensor]>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: string[] = metadata ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    const entry = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    chunks.push(bytes);
    offset += bytes.length;
  }
  return encodeWithHeader(`{${entries.join(',')}}`, Buffer.concat(chunks));
}

export function encodeWithHeader(header: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return new Uint8Array(Buffer.concat([length, json, data]));
}

/** @param heads told in the file's own metadata; 0 leaves it untold */
export function encodeWeights(weights: Weights, heads = 1): Uint8Array {
  const tensors = [...weights].map(([name, tensor]) => [name, rawFloat32(tensor)] as const);
  return encode(tensors, heads > 0 ? { num_attention_heads: String(heads) } : undefined);
}

export type HuggingFaceStyle = 'legacy' | 'v5';

/** The same weights under the names of Hugging Face transformers, with q, k and v apart. */
export function huggingFaceWeights(weights: Weights, style: HuggingFaceStyle, prefix = 'vit.'): Weights {
  const distilled = weights.has('head_dist.weight');
  const renamed: Weights = new Map();
  for (const [name, tensor] of weights) {
    const kind = /\.(weight|bias)$/.exec(name)?.[0] ?? '';
    const module = kind === '' ? name : name.slice(0, -kind.length);
    const [, block, inner] = /^blocks\.(\d+)\.(.+)$/.exec(module) ?? [];
    if (block === undefined || inner === undefined) {
      const outer = outerNames(prefix, distilled)[module]!;
      renamed.set(outer + kind, tensor);
      continue;
    }
    const path = `${prefix}${style === 'legacy' ? 'encoder.layer' : 'layers'}.${block}.`;
    if (inner !== 'attn.qkv') {
      renamed.set(path + blockNames[style][inner]! + kind, tensor);
      continue;
    }
    const [rows = 0, ...columns] = tensor.shape;
    const shape = [rows / 3, ...columns];
    for (const [part, projection] of ['query', 'key', 'value'].entries()) {
      const data = tensor.data.slice(part * sizeOf(shape), (part + 1) * sizeOf(shape));
      const own =
        style === 'legacy' ? `attention.attention.${projection}` : `attention.${projection[0]}_proj`;
      renamed.set(path + own + kind, float32(shape, data));
    }
  }
  return renamed;
}

const outerNames = (prefix: string, distilled: boolean): Record<string, string> => ({
  cls_token: `${prefix}embeddings.cls_token`,
  dist_token: `${prefix}embeddings.distillation_token`,
  pos_embed: `${prefix}embeddings.position_embeddings`,
  'patch_embed.proj': `${prefix}embeddings.patch_embeddings.projection`,
  norm: `${prefix}layernorm`,
  head: distilled ? 'cls_classifier' : 'classifier',
  head_dist: 'distillation_classifier',
});

const blockNames: Record<HuggingFaceStyle, Record<string, string>> = {
  legacy: {
    norm1: 'layernorm_before',
    norm2: 'layernorm_after',
    'attn.proj': 'attention.output.dense',
    'mlp.fc1': 'intermediate.dense',
    'mlp.fc2': 'output.dense',
  },
  v5: {
    norm1: 'layernorm_before',
    norm2: 'layernorm_after',
    'attn.proj': 'attention.o_proj',
    'mlp.fc1': 'mlp.fc1',
    'mlp.fc2': 'mlp.fc2',
  },
};
