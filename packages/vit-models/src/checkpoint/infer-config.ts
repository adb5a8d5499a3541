/** Finds out which architecture a file holds, from the shapes of its tensors, and checks all of them. */

import { PatchslimError, nearMatches, type Shape } from '@patchslim/tensor';
import { changedSwitches, switchesOf, type PrefixRole, type Switches, type VitConfig } from '../config.js';
import { vitPreset, vitPresets, type VitPreset } from '../presets.js';
import { canonicalShapes } from '../spec.js';
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
  readonly origin?: string | undefined;
  /** Switches that no shape tells, as `config.json` or the family says them. */
  readonly switches?: Partial<VitConfig> | undefined;
  /** Pixels, for weights without position embeddings. */
  readonly imageSize?: number | undefined;
}

type Tensors = ReadonlyMap<string, { readonly shape: Shape }>;
type Numbers = Pick<VitConfig, 'width' | 'depth' | 'heads' | 'mlpWidth'>;

/** The tensors whose shapes tell the architecture. */
const telling = ['patch_embed.proj.weight', 'blocks.0.mlp.fc1.weight', 'blocks.0.mlp.fc2.weight'];

/**
 * The config of tensors with canonical names.
 *
 * @throws `UNKNOWN_NAME`, `WEIGHTS_MISSING`, or `CHECKPOINT_INVALID` with the shapes that differ and the presets that fit
 */
export function inferConfig(tensors: Tensors, options: InferConfigOptions): VitConfig {
  const requested = options.model === undefined ? undefined : vitPreset(options.model).config;
  requireTensors(telling, tensors, options);
  requireSecondHead(tensors, options);
  const switches = { ...options.switches, ...shownSwitches(tensors, options.switches ?? {}) };
  const numbers = readNumbers(tensors, options);
  const size = readImageSize(tensors, options, switches);
  const { classes, headless } = readHead(tensors, options, numbers.width);
  const told = {
    ...switches,
    ...size.switches,
    headless,
    projection: !headless && (switches.projection ?? false),
  };
  const fits = vitPresets.filter(
    (preset) => sameNumbers(preset.config, numbers) && sameSwitches(preset.config, told),
  );
  const config: VitConfig = {
    name: requested?.name ?? nearestPreset(fits, size, options.hint)?.name ?? 'custom',
    ...{ imageSize: size.imageSize, patchSize: size.patchSize, classes },
    ...(requested ? { ...pickNumbers(requested), heads: options.heads ?? requested.heads } : numbers),
    layerNormEps: options.layerNormEps,
    ...changedSwitches(
      requested ? { ...changedSwitches(requested), headless, projection: told.projection } : told,
    ),
  };
  if (options.heads === undefined && !requested && fits.length === 0) {
    const whose = options.origin === undefined ? '' : ` of ${options.origin}'s weights`;
    const hint = 'give their number (heads, --heads), or the folder with config.json';
    throw invalid(
      options.file,
      `cannot tell the attention heads${whose} from ${config.width} channels; ${hint}`,
      { width: config.width },
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
  const hinted = /deit/i.test(hint) ? 'deit' : /vit/i.test(hint) ? 'vit' : undefined;
  const rank = ({ family, config }: VitPreset) =>
    (hinted === undefined || family.startsWith(hinted) ? 2 : 0) + (config.imageSize === imageSize ? 1 : 0);
  return [...candidates].sort((a, b) => rank(b) - rank(a))[0];
}

/**
 * The switches that tensors show by their presence. A bias that is absent is missing, unless the family or `config.json` says
 * that there is none.
 */
function shownSwitches(tensors: Tensors, told: Partial<VitConfig>): Partial<VitConfig> {
  const has = (name: string) => tensors.has(name);
  const block = (name: string) => has(`blocks.0.${name}`);
  const [, registers = 0] = tensors.get('reg_token')?.shape ?? [];
  const distilled = has('dist_token') || has('head_dist.weight');
  const prefix: PrefixRole[] = [
    ...(has('cls_token') ? (['class'] as const) : []),
    ...(distilled ? (['distillation'] as const) : []),
    ...Array<PrefixRole>(Math.min(registers, 64)).fill('register'),
  ];
  const lastNorm = has('norm.weight') ? 'tokens' : has('fc_norm.weight') ? 'pooled' : 'none';
  return {
    prefix,
    stem: stemShown(has),
    patchBias: has('patch_embed.proj.bias') || told.patchBias !== false,
    relativePositions: block('attn.relative_position_bias_table'),
    preNorm: has('norm_pre.weight'),
    qkvBias: block('attn.q_bias') ? 'query-value' : block('attn.qkv.bias') ? 'all' : (told.qkvBias ?? 'all'),
    attentionNorm: block('attn.norm.weight'),
    mlp: rowsOf(tensors, 'fc1') === 2 * columnsOf(tensors, 'fc2') ? 'gated' : 'plain',
    mlpNorm: block('mlp.norm.weight'),
    layerScale: block('ls1.gamma'),
    pool: poolShown(tensors, told, lastNorm),
    lastNorm,
    headBias: has('head.bias') || told.headBias !== false,
  };
}

function stemShown(has: (name: string) => boolean): Switches['stem'] {
  if (has('patch_embed.conv1.weight')) return 'conv';
  if (has('tokens_to_token.attention1.w')) return 't2t-performer';
  return has('tokens_to_token.attention1.attn.qkv.weight') ? 't2t-transformer' : 'patch';
}

function poolShown(
  tensors: Tensors,
  told: Partial<VitConfig>,
  lastNorm: Switches['lastNorm'],
): Switches['pool'] {
  if (tensors.has('attn_pool.latent')) return 'attention';
  if (tensors.has('aux_head.weight')) return 'class-patches';
  const width = tensors.get('cls_token')?.shape[2];
  if (width !== undefined && tensors.get('head.weight')?.shape[1] === 2 * width) return 'class-mean';
  if (!tensors.has('cls_token')) return 'mean';
  return told.pool === 'attention' ? 'class' : (told.pool ?? (lastNorm === 'tokens' ? 'class' : 'mean'));
}

const rowsOf = (tensors: Tensors, layer: string) => tensors.get(`blocks.0.mlp.${layer}.weight`)?.shape[0];
const columnsOf = (tensors: Tensors, layer: string) =>
  tensors.get(`blocks.0.mlp.${layer}.weight`)?.shape[1] ?? 0;

/** @throws `CHECKPOINT_INVALID` */
function shapeOf(tensors: Tensors, { file }: InferConfigOptions, name: string, pattern: string): Shape {
  const { shape } = tensors.get(name)!;
  if (shape.length === pattern.split(',').length && shape.every((dim) => dim > 0)) return shape;
  throw invalid(file, `${name}: expected ${pattern}, got ${describeJson(shape)}`, {
    tensor: name,
    got: shape,
  });
}

function readNumbers(tensors: Tensors, options: InferConfigOptions): Numbers {
  const [width = 0] = shapeOf(tensors, options, 'patch_embed.proj.weight', '[width,3,patch,patch]');
  shapeOf(tensors, options, 'blocks.0.mlp.fc1.weight', '[mlp,width]');
  const [, mlpWidth = 0] = shapeOf(tensors, options, 'blocks.0.mlp.fc2.weight', '[width,mlp]');
  return { width, depth: countBlocks(tensors, options), heads: options.heads ?? width / 64, mlpWidth };
}

interface ImageSize extends Pick<VitConfig, 'imageSize' | 'patchSize'> {
  readonly switches: Pick<Switches, 'positions'>;
}

/** Pixels of patch and image, and which tokens have positions. @throws `CHECKPOINT_INVALID` */
function readImageSize(
  tensors: Tensors,
  options: InferConfigOptions,
  { prefix = [] }: Partial<VitConfig>,
): ImageSize {
  const { file } = options;
  const [, , patchHeight = 0, patchSize = 0] = shapeOf(
    tensors,
    options,
    'patch_embed.proj.weight',
    '[width,3,patch,patch]',
  );
  if (patchHeight !== patchSize) {
    throw invalid(
      file,
      `patches of ${patchHeight} × ${patchSize} pixels are not supported, only square ones`,
      { tensor: 'patch_embed.proj.weight' },
    );
  }
  if (!tensors.has('pos_embed')) return { ...withoutPositions(tensors, options, patchSize), patchSize };
  const [, tokens = 0] = shapeOf(tensors, options, 'pos_embed', '[1,tokens,width]');
  const [onAll, onPatches] = [tokens - prefix.length, tokens].map(gridOf);
  const fitsBoth = onAll !== undefined && onPatches !== undefined;
  const byRegisters = prefix.includes('register') ? onPatches : onAll;
  const grid = fitsBoth ? byRegisters : (onAll ?? onPatches);
  if (grid === undefined) {
    const hint = 'images that are not square are not supported';
    throw invalid(file, `pos_embed: expected ${prefix.length} + n² tokens, got ${tokens}; ${hint}`, {
      tensor: 'pos_embed',
      tokens,
    });
  }
  const positions = grid === onAll ? 'all' : 'patches';
  // Pixels behind the last whole patch are in no shape.
  const told = options.imageSize;
  const imageSize = told !== undefined && Math.floor(told / patchSize) === grid ? told : grid * patchSize;
  return { imageSize, patchSize, switches: { positions } };
}

const gridOf = (patches: number): number | undefined => {
  const grid = Math.sqrt(patches);
  return Number.isInteger(grid) && grid > 0 ? grid : undefined;
};

/** By the table of offsets, or as the files beside the weights say. */
function withoutPositions(tensors: Tensors, { imageSize }: InferConfigOptions, patchSize: number) {
  const [rows = 0] = tensors.get('blocks.0.attn.relative_position_bias_table')?.shape ?? [];
  const grid = rows > 3 ? (Math.sqrt(rows - 3) + 1) / 2 : (imageSize ?? 224) / patchSize;
  return { imageSize: Math.floor(grid) * patchSize, switches: { positions: 'none' } as const };
}

function readHead(
  tensors: Tensors,
  options: InferConfigOptions,
  width: number,
): Pick<VitConfig, 'classes'> & { readonly headless: boolean } {
  const headless = !headNames.some((name) => tensors.has(name));
  if (headless) return { classes: width, headless };
  requireTensors(['head.weight'], tensors, options);
  const [classes = 0] = shapeOf(tensors, options, 'head.weight', '[classes,width]');
  return { classes, headless };
}

const headNames = ['head.weight', 'head.bias', 'head_dist.weight', 'head_dist.bias'];

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
  requireTensors([...expected.keys()], tensors, options);
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

function pickNumbers({ width, depth, heads, mlpWidth }: VitConfig): Numbers {
  return { width, depth, heads, mlpWidth };
}

const sameNumbers = (config: VitConfig, other: Numbers): boolean =>
  JSON.stringify(pickNumbers(config)) === JSON.stringify(pickNumbers({ ...config, ...other }));

/** Whether the networks are the same up to the head. */
function sameSwitches(config: VitConfig, other: Partial<VitConfig>): boolean {
  const upToHead = (one: Partial<VitConfig>) => {
    const { headless, headBias, projection, ...rest } = switchesOf(one);
    void [headless, headBias, projection];
    return JSON.stringify(changedSwitches(rest));
  };
  return upToHead(config) === upToHead(other);
}
