/** What wrappers put before the names of weights: `module.` of data-parallel training, `_orig_mod.` of compiled models, … */

import { quoted, refused } from './containers/checkpoint-error.js';

/** Names of wrappers that change nothing in what is computed. */
export const wrappers = [
  ...['module', 'model', '_orig_mod', 'timm_model', 'backbone', 'encoder', 'vit', 'deit', 'beit', 'dinov2'],
  ...['dinov2_with_registers', 'dinov3_vit', 'siglip', 'vision_model', 'visual'],
];

/** Tensors that stand once in a network, one of them at least in every family. */
const anchors = [
  /^(.*\.)?embeddings\.(?:cls_token|patch_embeddings(?:\.projection)?\.weight|patch_embedding\.weight)$/,
  /^((?:.*\.)?)(?<!embeddings\.)(?:cls_token|patch_embed\.proj\.weight|tokens_to_token\.project\.weight)$/,
  /^(.*\.)?(?:class_token|conv_proj\.weight)$/,
  /^((?:.*\.)?)(?<!patch_embed\.)conv1\.weight$/, // OpenAI's CLIP
];

/**
 * The one prefix of the network in a file: empty, or wrappers in a row (`module.backbone.`), perhaps behind what all names begin with.
 *
 * @throws `CHECKPOINT_INVALID` when there are several networks, or one behind a prefix that only it has and no wrapper is called
 */
export function commonPrefix(names: readonly string[], file: string): string {
  const found = new Set<string>();
  for (const name of names) {
    const match = anchors.map((anchor) => anchor.exec(name)).find((one) => one !== null);
    if (match) found.add(match[1] ?? '');
    if (found.size > 1) {
      const [first, second] = [...found].map((prefix) => `'${quoted(prefix)}'`);
      const problem = `holds two networks, with names that begin with ${first} and with ${second}; save the weights of one`;
      throw refused(file, problem, { prefixes: [...found] });
    }
  }
  const [prefix = ''] = found;
  const parts = prefix.split('.').slice(0, -1);
  const unknown = parts.slice(0, parts.findLastIndex((part) => !wrappers.includes(part)) + 1);
  if (names.every((name) => name.startsWith(unknown.map((part) => `${part}.`).join('')))) return prefix;
  const problem = `'${quoted(prefix)}' before the names is not known; rename the weights, or save those of this part alone`;
  throw refused(file, problem, { prefix });
}

/** A name without the prefix, or without the part of it that the name has: `module.head.bias` beside `module.backbone.norm.bias`. */
export function withoutPrefix(
  name: string,
  prefix: string,
): { readonly rest: string; readonly isInside: boolean } {
  let rest = name;
  for (const part of prefix.split('.').slice(0, -1)) {
    if (!rest.startsWith(`${part}.`)) return { rest, isInside: false };
    rest = rest.slice(part.length + 1);
  }
  return { rest, isInside: true };
}
