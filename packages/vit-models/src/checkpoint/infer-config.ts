/** Finds out which architecture a file holds, from the shapes of its tensors, and checks all of them. */

import { PatchslimError, nearMatches, type Shape } from '@patchslim/tensor';
import { changedSwitches, switchesOf, type Switches, type VitConfig } from '../config.js';
import { vitPreset, vitPresets, type VitPreset } from '../presets.js';
import { canonicalShapes } from '../spec.js';
import { stemOf } from '../stems/list.js';
import type { PatchProjection } from '../stems/stem.js';
import { describeJson } from './describe-json.js';
import { shownSwitches, stemShown } from './shown-switches.js';
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

/** The tensors whose shapes tell the architecture, besides the patch projection. */
const telling = ['blocks.0.mlp.fc1.weight', 'blocks.0.mlp.fc2.weight'];

/**
 * The config of tensors with canonical names.
 *
 * @throws `UNKNOWN_NAME`, `WEIGHTS_MISSING`, or `CHECKPOINT_INVALID` with the shapes that differ and the presets that fit
 */
export function inferConfig(tensors: Tensors, options: InferConfigOptions): VitConfig {
  const requested = options.model === undefined ? undefined : vitPreset(options.model).config;
  const { projection } = stemOf({ stem: stemShown((name) => tensors.has(name)) });
  requireTensors([`${projection.tensor}.weight`, ...telling], tensors, options);
  requireSecondHead(tensors, options);
  const switches = { ...options.switches, ...shownSwitches(tensors, options.switches ?? {}) };
  const numbers = readNumbers(tensors, options, projection);
  const size = readImageSize(tensors, options, switches, projection);
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
    const hint = `give their number (heads, --heads), or the folder with config.json${differences(config, tensors)}`;
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

/** The tensors by which a network differs from ViT, whose heads are known for the usual sizes. */
function differences({ name, imageSize, patchSize, ...sizes }: VitConfig, tensors: Tensors): string {
  const { width, depth, heads, mlpWidth, classes, layerNormEps } = sizes;
  const plain = { name, imageSize, patchSize, width, depth, heads, mlpWidth, classes, layerNormEps };
  const known = canonicalShapes(plain);
  const others = [...tensors.keys()].filter((tensor) => !known.has(tensor));
  const shown = others.slice(0, 3).join(', ');
  return others.length === 0 ? '' : `; it differs from ViT by ${shown}${others.length > 3 ? ', …' : ''}`;
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

/** @throws `CHECKPOINT_INVALID` */
function shapeOf(tensors: Tensors, { file }: InferConfigOptions, name: string, pattern: string): Shape {
  const { shape } = tensors.get(name)!;
  if (shape.length === pattern.split(',').length && shape.every((dim) => dim > 0)) return shape;
  throw invalid(file, `${name}: expected ${pattern}, got ${describeJson(shape)}`, {
    tensor: name,
    got: shape,
  });
}

function readNumbers(tensors: Tensors, options: InferConfigOptions, projection: PatchProjection): Numbers {
  const [width = 0] = shapeOf(tensors, options, `${projection.tensor}.weight`, projection.pattern);
  shapeOf(tensors, options, 'blocks.0.mlp.fc1.weight', '[mlp,width]');
  const [, mlpWidth = 0] = shapeOf(tensors, options, 'blocks.0.mlp.fc2.weight', '[width,mlp]');
  const depth = countBlocks(tensors, options);
  const usual = vitPresets.find(
    ({ config }) => config.width === width && config.depth === depth && config.mlpWidth === mlpWidth,
  );
  return { width, depth, heads: options.heads ?? usual?.config.heads ?? width / 64, mlpWidth };
}

interface ImageSize extends Pick<VitConfig, 'imageSize' | 'patchSize'> {
  readonly switches: Pick<Switches, 'positions'>;
}

/** Pixels of patch and image, and which tokens have positions. @throws `CHECKPOINT_INVALID` */
function readImageSize(
  tensors: Tensors,
  options: InferConfigOptions,
  { prefix = [] }: Partial<VitConfig>,
  projection: PatchProjection,
): ImageSize {
  const { file } = options;
  const tensor = `${projection.tensor}.weight`;
  const [patchHeight, patchSize] = projection.patchSize(
    shapeOf(tensors, options, tensor, projection.pattern),
  );
  if (patchHeight !== patchSize) {
    throw invalid(
      file,
      `patches of ${patchHeight} × ${patchSize} pixels are not supported, only square ones`,
      { tensor },
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
