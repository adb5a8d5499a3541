/** Finds out which architecture a file holds, from the shapes of its tensors, and checks all of them. */

import { PatchslimError, nearMatches, type Shape } from '@patchslim/tensor';
import { vitPreset, vitPresets, type VitConfig, type VitPreset } from '../configs.js';
import { canonicalShapes } from './canonical-shapes.js';
import { headNames, lacksHead } from './identity-head.js';
import { describeJson } from './describe-json.js';
import { refused as invalid } from './containers/checkpoint-error.js';

/** What `inferConfig` is told besides the shapes. */
export interface InferConfigOptions {
  /** What errors call the file. */
  readonly file: string;
  /** Preset that the file must fit; classes, image size and patch size still come from the file. */
  readonly model?: string | undefined;
  /** Attention heads, when something tells them; otherwise the sizes must be those of a preset. */
  readonly heads?: number | undefined;
  readonly layerNormEps: number;
  /** Text that may tell the family, `deit` or `vit`: these have the same shapes (file name, hub id). */
  readonly hint?: string | undefined;
  /** Names in the file that mean nothing, to be offered for missing ones. */
  readonly ignored?: readonly string[];
  /** Whose names the weights have, for messages. */
  readonly family?: string | undefined;
}

type Tensors = ReadonlyMap<string, { readonly shape: Shape }>;
type Architecture = Pick<VitConfig, 'width' | 'depth' | 'heads' | 'mlpWidth' | 'distilled'>;
/** What a file decides, whichever model is asked for. */
type FromFile = Pick<VitConfig, 'imageSize' | 'patchSize' | 'classes' | 'headless'>;

/** The tensors whose shapes tell the architecture. */
const telling = ['patch_embed.proj.weight', 'pos_embed', 'blocks.0.mlp.fc1.weight'];

/**
 * The config of tensors with canonical names.
 *
 * @throws `UNKNOWN_NAME`, `WEIGHTS_MISSING`, or `CHECKPOINT_INVALID` with the shapes that differ and the presets that fit
 */
export function inferConfig(tensors: Tensors, options: InferConfigOptions): VitConfig {
  const requested = options.model === undefined ? undefined : vitPreset(options.model).config;
  const headless = lacksHead(tensors);
  requireTensors(headless ? telling : [...telling, 'head.weight'], tensors, options);
  requireSecondHead(tensors, options);
  const { fromFile, architecture } = readShapes(tensors, options);
  const fits = vitPresets.filter(({ config }) => sameArchitecture(config, architecture));
  const { name, ...chosen } = requested
    ? { ...pickArchitecture(requested), heads: options.heads ?? requested.heads, name: requested.name }
    : { ...architecture, name: nearestPreset(fits, fromFile, options.hint)?.name ?? 'custom' };
  const config = { name, ...fromFile, ...chosen, layerNormEps: options.layerNormEps };
  if (options.heads === undefined && !requested && fits.length === 0) {
    const whose = options.family === undefined ? '' : ` of ${options.family}'s weights`;
    const hint = 'give their number (heads, --heads), or the folder with config.json';
    throw invalid(
      options.file,
      `cannot tell the attention heads${whose} from ${config.width} channels; ${hint}`,
      {
        width: config.width,
      },
    );
  }
  if (!Number.isInteger(config.heads) || config.heads < 1 || config.width % config.heads !== 0) {
    throw invalid(options.file, `${config.width} channels cannot be shared out among ${config.heads} heads`, {
      width: config.width,
      heads: config.heads,
    });
  }
  requireShapes(config, tensors, fits, options);
  return config;
}

/** The preset of a config's architecture that fits best: of the hinted family, then of the same image size. */
export function nearestPreset(
  candidates: readonly VitPreset[],
  { imageSize }: Pick<VitConfig, 'imageSize'>,
  hint = '',
): VitPreset | undefined {
  const family = /deit/i.test(hint) ? 'deit' : /vit/i.test(hint) ? 'vit' : '';
  const rank = ({ name, config }: VitPreset) =>
    (name.startsWith(family) ? 2 : 0) + (config.imageSize === imageSize ? 1 : 0);
  return [...candidates].sort((a, b) => rank(b) - rank(a))[0];
}

function readShapes(
  tensors: Tensors,
  options: InferConfigOptions,
): { fromFile: FromFile; architecture: Architecture } {
  const { file, heads } = options;
  const shapeOf = (name: string, pattern: string, rank: number): Shape => {
    const { shape } = tensors.get(name)!;
    if (shape.length === rank && shape.every((dim) => dim > 0)) return shape;
    throw invalid(file, `${name}: expected ${pattern}, got ${describeJson(shape)}`, {
      tensor: name,
      got: shape,
    });
  };
  const [width = 0, , patchHeight = 0, patchSize = 0] = shapeOf(
    'patch_embed.proj.weight',
    '[width,3,patch,patch]',
    4,
  );
  if (patchHeight !== patchSize) {
    throw invalid(
      file,
      `patches of ${patchHeight} × ${patchSize} pixels are not supported, only square ones`,
      {
        tensor: 'patch_embed.proj.weight',
      },
    );
  }
  const [, tokens = 0] = shapeOf('pos_embed', '[1,tokens,width]', 3);
  const [mlpWidth = 0] = shapeOf('blocks.0.mlp.fc1.weight', '[mlp,width]', 2);
  const headless = lacksHead(tensors);
  const [classes = 0] = headless ? [width] : shapeOf('head.weight', '[classes,width]', 2);

  const distilled = tensors.has('dist_token') || tensors.has('head_dist.weight');
  const prefix = distilled ? 2 : 1;
  const grid = Math.sqrt(tokens - prefix);
  if (!Number.isInteger(grid) || grid === 0) {
    const hint = 'images that are not square, and networks without a class token, are not supported';
    throw invalid(file, `pos_embed: expected ${prefix} + n² tokens, got ${tokens}; ${hint}`, {
      tensor: 'pos_embed',
      tokens,
    });
  }
  return {
    fromFile: { imageSize: grid * patchSize, patchSize, classes, ...(headless ? { headless } : {}) },
    architecture: {
      width,
      depth: countBlocks(tensors, options),
      heads: heads ?? width / 64,
      mlpWidth,
      distilled,
    },
  };
}

/** Blocks are numbered without a gap, so a file that names block 4 000 000 000 is not one with as many. */
function countBlocks(tensors: Tensors, options: InferConfigOptions): number {
  const blocks = new Set<number>();
  for (const name of tensors.keys()) {
    const block = /^blocks\.(\d+)\./.exec(name)?.[1];
    if (block !== undefined) blocks.add(Number(block));
  }
  let depth = 0;
  while (blocks.has(depth)) depth++;
  if (depth < blocks.size) requireTensors([`blocks.${depth}.norm1.weight`], tensors, options);
  return depth;
}

const isHead = (name: string): boolean => (headNames as readonly string[]).includes(name);

/** @throws `WEIGHTS_MISSING` for a distillation token without its head */
function requireSecondHead(tensors: Tensors, { file }: InferConfigOptions): void {
  if (!tensors.has('dist_token') || tensors.has('head_dist.weight') || !tensors.has('head.weight')) return;
  const missing = 'head_dist.weight (distillation_classifier.weight)';
  throw new PatchslimError(
    'WEIGHTS_MISSING',
    `fromPretrained: '${file}' has a distillation token and one head, but lacks ${missing}, the head of that token; ` +
      'use the weights of DeiTForImageClassificationWithTeacher or of timm, which have both',
    { file, missing: ['head_dist.weight', 'head_dist.bias'] },
  );
}

function requireShapes(
  config: VitConfig,
  tensors: Tensors,
  fits: readonly VitPreset[],
  options: InferConfigOptions,
): void {
  const expected = canonicalShapes(config);
  const show = (shape: Shape | undefined) => (shape ? `[${shape.join(',')}]` : 'nothing');
  const differing = [...tensors]
    .map(([name, { shape }]) => ({ name, expected: expected.get(name), got: shape }))
    .filter((entry) => show(entry.expected) !== show(entry.got));
  if (differing.length > 0) {
    const first = differing
      .slice(0, 3)
      .map((entry) => `${entry.name}: expected ${show(entry.expected)}, got ${show(entry.got)}`);
    const more = differing.length > 3 ? ` (and ${differing.length - 3} more)` : '';
    const names = fits.map((preset) => preset.name);
    const hint = names.length > 0 ? `; the file fits ${names.join(', ')}` : '';
    throw invalid(options.file, `not the model '${config.name}': ${first.join('; ')}${more}${hint}`, {
      model: config.name,
      differing: differing.slice(0, 10),
      fits: names,
    });
  }
  const needed = config.headless
    ? [...expected.keys()].filter((name) => !isHead(name))
    : [...expected.keys()];
  requireTensors(needed, tensors, options);
}

function requireTensors(
  names: readonly string[],
  tensors: Tensors,
  { file, ignored = [] }: InferConfigOptions,
): void {
  const missing = names.filter((name) => !tensors.has(name));
  if (missing.length === 0) return;
  const candidates = ignored.slice(0, 1000); // enough for any real file, and quick for any other
  const near = [...new Set(missing.slice(0, 3).flatMap((name) => nearMatches(name, candidates)))];
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  const hint = near.length > 0 ? `; the file has ${near.join(', ')}` : '';
  throw new PatchslimError(
    'WEIGHTS_MISSING',
    `fromPretrained: '${file}' lacks ${missing.slice(0, 3).join(', ')}${more}${hint}`,
    { file, missing, near },
  );
}

function pickArchitecture({ width, depth, heads, mlpWidth, distilled }: VitConfig): Architecture {
  return { width, depth, heads, mlpWidth, distilled };
}

function sameArchitecture(config: VitConfig, other: Architecture): boolean {
  const own = pickArchitecture(config);
  return (Object.keys(own) as (keyof Architecture)[]).every((key) => own[key] === other[key]);
}
