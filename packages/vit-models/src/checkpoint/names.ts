/**
 * Names of weights. Inside patchslim every tensor has timm's name and PyTorch's layout; files may also use the names
 * of Hugging Face transformers (up to 4.x, and those of 5.x) for ViT and DeiT, or torchvision's, behind the prefix of wrappers or not.
 */

import { PatchslimError } from '@patchslim/tensor';
import { refused } from './containers/checkpoint-error.js';
import { commonPrefix, withoutPrefix } from './name-prefix.js';

/** Whose names the tensors of a checkpoint have. */
export type NameFamily = 'timm' | 'huggingface' | 'torchvision';

/** What the names in a file mean. */
export interface CanonicalNames {
  readonly family: NameFamily;
  /** Names in the file by canonical name: one, or query, key and value, whose rows are joined in this order. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
  /** Names in the file that are no weight of the model (pooler, mask token, …). */
  readonly ignored: readonly string[];
  /** What wrappers put before the names; empty in most files. */
  readonly prefix: string;
}

interface Meaning {
  readonly name: string;
  readonly family: NameFamily;
  /** Position among query, key, value. */
  readonly part?: number;
}

const timmName =
  /^(cls_token|dist_token|pos_embed|(patch_embed\.proj|norm|head|head_dist|blocks\.\d+\.(norm1|norm2|attn\.qkv|attn\.proj|mlp\.fc1|mlp\.fc2))\.(weight|bias))$/;

/** Modules outside the blocks, Hugging Face → timm. */
const outerModules: Readonly<Record<string, string>> = {
  'embeddings.cls_token': 'cls_token',
  'embeddings.distillation_token': 'dist_token',
  'embeddings.position_embeddings': 'pos_embed',
  'embeddings.patch_embeddings.projection': 'patch_embed.proj',
  layernorm: 'norm',
  classifier: 'head',
  cls_classifier: 'head', // DeiT with a teacher
  distillation_classifier: 'head_dist',
};

/** Modules inside a block, Hugging Face → timm. The names of 4.x and of 5.x do not collide. */
const blockModules: Readonly<Record<string, string>> = {
  layernorm_before: 'norm1',
  layernorm_after: 'norm2',
  'attention.output.dense': 'attn.proj',
  'attention.o_proj': 'attn.proj',
  'intermediate.dense': 'mlp.fc1',
  'mlp.fc1': 'mlp.fc1',
  'output.dense': 'mlp.fc2',
  'mlp.fc2': 'mlp.fc2',
};

const projections = ['query', 'key', 'value'] as const;

/** Modules outside the blocks, torchvision → timm. */
const torchvisionOuter: Readonly<Record<string, string>> = {
  class_token: 'cls_token',
  'encoder.pos_embedding': 'pos_embed',
  conv_proj: 'patch_embed.proj',
  'encoder.ln': 'norm',
  'heads.head': 'head',
  heads: 'head', // replaced by one layer in fine-tuning
};

/** Modules inside a block, torchvision → timm. `in_proj_weight` and `in_proj_bias` have no dot. */
const torchvisionBlock: Readonly<Record<string, string>> = {
  ln_1: 'norm1',
  ln_2: 'norm2',
  'self_attention.out_proj': 'attn.proj',
  'mlp.0': 'mlp.fc1',
  'mlp.3': 'mlp.fc2',
  'mlp.linear_1': 'mlp.fc1', // before 0.14
  'mlp.linear_2': 'mlp.fc2',
};

/**
 * Translates the names of a file.
 *
 * @throws `CHECKPOINT_INVALID` when two names mean the same weight, or both families occur; `WEIGHTS_MISSING` when only some of query, key and
 * value are there
 */
export function canonicalNames(names: Iterable<string>, file: string): CanonicalNames {
  const parts = new Map<string, string[]>();
  const ignored: string[] = [];
  let family: NameFamily | undefined;
  const all = [...names];
  const prefix = commonPrefix(all, file);
  for (const name of all) {
    const meaning = meaningOf(withoutPrefix(name, prefix));
    if (!meaning) {
      ignored.push(name);
      continue;
    }
    family ??= meaning.family;
    if (meaning.family !== family) {
      throw refused(file, `'${name}' is a ${meaning.family} name among ${family} names`, { names: [name] });
    }
    const known = parts.get(meaning.name) ?? [];
    const rival = known[meaning.part ?? 0];
    if (rival !== undefined) {
      throw refused(file, `'${rival}' and '${name}' are the same weight, ${meaning.name}`, {
        names: [rival, name],
      });
    }
    known[meaning.part ?? 0] = name;
    parts.set(meaning.name, known);
  }
  for (const [name, known] of parts) requireAllProjections(file, name, known, family);
  return { family: family ?? 'timm', sources: parts, ignored, prefix };
}

/**
 * Of the ignored names those without which the model would compute something else: extra tensors inside a block
 * (LayerScale, query and key norms) and parts of other architectures.
 */
export function foreignNames(ignored: readonly string[]): string[] {
  return ignored.filter((name) =>
    /(^|\.)(blocks|layers?)\.\d+\.|(^|\.)(encoder_layer_|encoderblock_?)\d*\.|(^|\.)(reg_token|register_tokens|norm_pre|fc_norm|attn_pool|pre_logits|MAPHead_\d+)(\.|$)/.test(
      name,
    ),
  );
}

function meaningOf(name: string): Meaning | undefined {
  if (timmName.test(name)) return { name, family: 'timm' };
  return torchvisionMeaning(name) ?? huggingFaceMeaning(name);
}

function torchvisionMeaning(name: string): Meaning | undefined {
  const [, module = name, kind = ''] = /^(.*)(\.weight|\.bias)$/.exec(name) ?? [];
  if (Object.hasOwn(torchvisionOuter, module)) {
    const canonical = torchvisionOuter[module]! + kind;
    return timmName.test(canonical) ? { name: canonical, family: 'torchvision' } : undefined;
  }
  const [, block, inner = ''] = /^encoder\.layers\.encoder_layer_(\d+)\.(.+)$/.exec(module) ?? [];
  if (block === undefined) return undefined;
  const [, joined] = /^self_attention\.in_proj_(weight|bias)$/.exec(inner) ?? [];
  if (joined !== undefined && kind === '') {
    return { name: `blocks.${block}.attn.qkv.${joined}`, family: 'torchvision' };
  }
  if (kind === '' || !Object.hasOwn(torchvisionBlock, inner)) return undefined;
  return { name: `blocks.${block}.${torchvisionBlock[inner]}${kind}`, family: 'torchvision' };
}

function huggingFaceMeaning(name: string): Meaning | undefined {
  const bare = name.replace(/^(vit|deit)\./, '');
  const [, module = bare, kind = ''] = /^(.*)(\.weight|\.bias)$/.exec(bare) ?? [];
  if (Object.hasOwn(outerModules, module)) {
    const canonical = outerModules[module]! + kind;
    return timmName.test(canonical) ? { name: canonical, family: 'huggingface' } : undefined;
  }
  const [, block, inner] = /^(?:encoder\.layer|layers)\.(\d+)\.(.+)$/.exec(module) ?? [];
  if (block === undefined || inner === undefined || kind === '') return undefined;
  if (Object.hasOwn(blockModules, inner)) {
    return { name: `blocks.${block}.${blockModules[inner]}${kind}`, family: 'huggingface' };
  }
  const part = projections.findIndex(
    (projection) =>
      inner === `attention.attention.${projection}` || inner === `attention.${projection[0]}_proj`,
  );
  return part < 0 ? undefined : { name: `blocks.${block}.attn.qkv${kind}`, family: 'huggingface', part };
}

/** A joined weight has either one source (timm) or three. */
function requireAllProjections(
  file: string,
  name: string,
  known: readonly (string | undefined)[],
  family: NameFamily | undefined,
): void {
  const first = known.find((source) => source !== undefined);
  if (first === undefined || !name.includes('.attn.qkv.') || family !== 'huggingface') return;
  const missing = projections.filter((_, part) => known[part] === undefined);
  if (missing.length === 0) return;
  throw new PatchslimError(
    'WEIGHTS_MISSING',
    `fromPretrained: '${file}' has '${first}' but not the ${missing.join(' and ')} of ${name}`,
    { file, missing: missing.map((projection) => `${name} (${projection})`) },
  );
}
