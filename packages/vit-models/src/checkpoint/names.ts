/**
 * Names of weights. Inside patchslim every tensor has timm's name and PyTorch's layout; the files of a family may also use
 * the names in its tables, behind the prefix of wrappers or not.
 */

import { PatchslimError } from '@patchslim/tensor';
import type { VitConfig } from '../config.js';
import type { NameTable, Origin } from '../families/family.js';
import { families } from '../families/list.js';
import { poolNames } from '../pools/list.js';
import { canonicalShapes } from '../spec.js';
import { stemNames } from '../stems/list.js';
import { refused } from './containers/checkpoint-error.js';
import { commonPrefix, withoutPrefix } from './name-prefix.js';

/** A tensor of a file, as a part of a canonical one. */
export interface NamedSource {
  readonly name: string;
  /** Whether the file has the matrix the other way round. */
  readonly transposed: boolean;
}

/** What the names in a file mean. */
export interface CanonicalNames {
  /** Whose names they are. */
  readonly origin: Origin;
  /** The families whose tables have these names; empty for timm's, which all have. */
  readonly families: readonly string[];
  /** Names in the file by canonical name: one, or several whose rows are joined in this order. */
  readonly sources: ReadonlyMap<string, readonly NamedSource[]>;
  /** Names in the file that are no weight of the model (pooler, mask token, …). */
  readonly ignored: readonly string[];
  /** What wrappers put before the names; empty in most files. */
  readonly prefix: string;
}

interface Meaning {
  readonly name: string;
  /** Position among the parts of a joined tensor. */
  readonly part: number;
  readonly transposed: boolean;
}

type Lookup = (name: string) => Meaning | 'unused' | undefined;

/** Sizes do not matter to names. */
const smallest: VitConfig = {
  ...{ name: 'names', imageSize: 16, patchSize: 16, width: 4, depth: 1, heads: 1, mlpWidth: 4 },
  ...{ classes: 1, layerNormEps: 1e-6 },
};

/** Architectures whose parameters together have every name that there is. */
const variants: readonly Partial<VitConfig>[] = [
  { prefix: ['class', 'distillation', 'register'], headless: false },
  { preNorm: true, attentionNorm: true, mlpNorm: true, layerScale: true, relativePositions: true },
  { qkvBias: 'query-value', lastNorm: 'pooled' },
  ...stemNames.map((stem) => ({ stem })),
  ...poolNames.map((pool) => ({ pool })),
];

/** timm's names, with `{}` for the number of a block. */
const timmNames = new Set(
  variants
    .flatMap((switches) => [...canonicalShapes({ ...smallest, ...switches }).keys()])
    .map((name) => name.replace('blocks.0.', 'blocks.{}.')),
);

const timmLookup: Lookup = (name) =>
  timmNames.has(name.replace(/^blocks\.\d+\./, 'blocks.{}.'))
    ? { name, part: 0, transposed: false }
    : undefined;

/** What a name of the table means; `unused` for one that is known and not needed. */
function lookupIn({ outer, block, inner }: NameTable): Lookup {
  const split = (name: string): [string, string] => {
    const kind = /\.(weight|bias)$/.exec(name)?.[0] ?? '';
    return [name.slice(0, name.length - kind.length), kind];
  };
  const meaning = (table: NameTable['outer'], name: string, path: string): ReturnType<Lookup> => {
    const [module, kind] = split(name);
    const [key, ending] = Object.hasOwn(table, name) ? [name, ''] : [module, kind];
    if (!Object.hasOwn(table, key)) return undefined;
    const target = table[key]!;
    if (target === '') return 'unused';
    const [, raw, own = '', part = '0', transposed] = /^(~)?(.*?)(?:#(\d))?(\^T)?$/.exec(target) ?? [];
    const canonical = path + own + ending;
    if (raw === undefined && !timmLookup(canonical)) return undefined;
    return { name: canonical, part: Number(part), transposed: transposed !== undefined };
  };
  return (name) => {
    const rest = name.startsWith(block) ? /^(\d+)\.(.+)$/.exec(name.slice(block.length)) : null;
    return rest ? meaning(inner, rest[2]!, `blocks.${rest[1]}.`) : meaning(outer, name, '');
  };
}

interface Candidate {
  readonly origin: Origin;
  readonly families: readonly string[];
  readonly lookup: Lookup;
}

/** timm's names first, then the tables of all families; families that share a table share a candidate. */
const candidates: readonly Candidate[] = [
  { origin: 'timm', families: [], lookup: timmLookup },
  ...[...tablesByContent()].map(([table, names]) => ({
    origin: table.origin,
    families: names,
    lookup: lookupIn(table),
  })),
];

function tablesByContent(): Map<NameTable, string[]> {
  const found = new Map<string, [NameTable, string[]]>();
  for (const { name, tables } of families) {
    for (const table of tables) {
      const key = JSON.stringify(table);
      const [, names] = found.get(key) ?? [table, []];
      found.set(key, [table, [...names, name]]);
    }
  }
  return new Map(found.values());
}

/**
 * Translates the names of a file by the table that knows most of them.
 *
 * @param family of the checkpoint, where `config.json` says it: only its tables and timm's names count
 * @throws `CHECKPOINT_INVALID` when two names mean the same weight; `WEIGHTS_MISSING` when only some parts of a joined tensor,
 *   such as the value without query and key, are there
 */
export function canonicalNames(names: Iterable<string>, file: string, family?: string): CanonicalNames {
  const all = [...names];
  const prefix = commonPrefix(all, file);
  const bare = all.map((name) => ({ name, ...withoutPrefix(name, prefix) }));
  const { origin, families: owners, lookup } = bestCandidate(bare, family);
  const ignored: string[] = [];
  const parts = new Map<string, NamedSource[]>();
  for (const { name, rest, isInside } of bare) {
    const found = lookup(rest);
    const isOther = hasTextTower(prefix) && !isInside;
    if (found === undefined || found === 'unused' || (isOther && !isHead(found.name))) {
      if (found !== 'unused') ignored.push(name);
      continue;
    }
    const known = parts.get(found.name) ?? [];
    const rival = known[found.part];
    if (rival !== undefined) {
      throw refused(file, `'${rival.name}' and '${name}' are the same weight, ${found.name}`, {
        names: [rival.name, name],
      });
    }
    known[found.part] = { name, transposed: found.transposed };
    parts.set(found.name, known);
  }
  const sources = new Map([...parts].flatMap(([name, known]) => joinedParts(file, name, known)));
  return { origin, families: owners, sources, ignored, prefix };
}

/** Whether names outside of the prefix belong to another network than the one for images. */
export const hasTextTower = (prefix: string): boolean => /(^|\.)(vision_model|visual)\.$/.test(prefix);

/** The heads of images stand outside of their tower. */
const isHead = (name: string): boolean => /^(head|head_dist|aux_head)\./.test(name);

function bestCandidate(names: readonly { readonly rest: string }[], family: string | undefined): Candidate {
  let best = { candidate: candidates[0]!, count: -1 };
  for (const candidate of candidates) {
    const fits =
      family === undefined || candidate.families.length === 0 || candidate.families.includes(family);
    const count = fits ? names.filter(({ rest }) => candidate.lookup(rest) !== undefined).length : -1;
    if (count > best.count) best = { candidate, count };
  }
  return best.candidate;
}

/**
 * The parts of a tensor, all there; or the biases of query and value alone, which have names of their own; or one layer of an
 * MLP without a gate.
 *
 * @throws `WEIGHTS_MISSING`
 */
function joinedParts(
  file: string,
  name: string,
  parts: readonly (NamedSource | undefined)[],
): (readonly [string, readonly NamedSource[]])[] {
  const present = parts.filter((part) => part !== undefined);
  const missing = Array.from(parts, (part, index) => (part ? -1 : index)).filter((index) => index >= 0);
  const [, attention] = /^(blocks\.\d+\.attn)\.qkv\.bias$/.exec(name) ?? [];
  if (attention !== undefined && parts.length === 3 && String(missing) === '1') {
    return [
      [`${attention}.q_bias`, [parts[0]!]],
      [`${attention}.v_bias`, [parts[2]!]],
    ];
  }
  const isPlainMlp = name.includes('.mlp.fc1.') && present.length === 1;
  const isSplit =
    name.includes('.attn.qkv.') && present.length < 3 && (present.length > 1 || parts.length > 1);
  if (isPlainMlp || (missing.length === 0 && !isSplit)) return [[name, present]];
  const all = ['query', 'key', 'value'];
  const has = (index: number) => parts[index] !== undefined;
  const [there, lacking] = [true, false].map((wanted) =>
    all.filter((_, index) => has(index) === wanted).join(' and '),
  );
  throw new PatchslimError(
    'WEIGHTS_MISSING',
    `fromPretrained: '${file}' has the ${there}, not the ${lacking} of ${name}`,
    { file, name },
  );
}

/**
 * Of the ignored names those without which the model would compute something else: extra tensors inside a block
 * and parts of other architectures.
 */
export function foreignNames(ignored: readonly string[]): string[] {
  return ignored.filter((name) =>
    /(^|\.)(blocks|layers?)\.\d+\.|(^|\.)(encoder_layer_|encoderblock_?)\d*\.|(^|\.)(reg_token|register_tokens|norm_pre|fc_norm|attn_pool|pre_logits|MAPHead_\d+)(\.|$)/.test(
      name,
    ),
  );
}
