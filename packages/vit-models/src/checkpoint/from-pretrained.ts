/** The one call that turns whatever a user has into a checked model: config, preprocessing, weights, identity. */

import { PatchslimError, throwIfAborted, type HostTensor } from '@patchslim/tensor';
import { gridSize, prefixTokens, switchesOf, withImageSize, type VitConfig } from '../config.js';
import type { Family, Origin, CheckpointFacts, Tensors } from '../families/family.js';
import { families } from '../families/list.js';
import { refusedNetwork, type FileNames } from '../families/refused.js';
import { givesEmbedding } from '../head-activation.js';
import { presetLabels } from '../labels/preset-labels.js';
import {
  augregPreprocessing,
  deitPreprocessing,
  withInputSize,
  type Preprocessing,
} from '../preprocessing.js';
import { vitPreset } from '../presets.js';
import { chooseHeads, readToldArchitecture, requireAgreement } from './architecture-config.js';
import { canonicalEntries, readCanonicalTensors } from './canonical-tensors.js';
import { fingerprint } from './fingerprint.js';
import { choosePreprocessing, classRemarks } from './choose-preprocessing.js';
import { parseJsonObject, readHubConfig, type HubConfig } from './hub-config.js';
import { inferConfig } from './infer-config.js';
import { locate, type CheckpointSource } from './locate.js';
import type { RemoteOptions } from './locate-remote.js';
import { closeLocated, type Located } from './located.js';
import { canonicalNames, foreignNames, hasTextTower, type CanonicalNames } from './names.js';
import { resizePositionEmbedding } from './position-embedding.js';
import { quoted, refused } from './containers/checkpoint-error.js';
import { openLocated } from './containers/open-located.js';

/** Options of `fromPretrained`. */
export interface FromPretrainedOptions extends RemoteOptions {
  /** Preset that the weights must fit; by default it is found from their shapes. */
  readonly model?: string | undefined;
  /**
   * Pixels. For another size than the weights' own, the position embeddings are resized by bicubic interpolation, as the
   * library does whose names the weights have: timm with antialiasing, transformers without (DINOv2 with registers: with).
   */
  readonly imageSize?: number | undefined;
  /** Attention heads, for weights that tell them nowhere; it goes before what `config.json` says. */
  readonly heads?: number | undefined;
  /** Key of the weights in a PyTorch file that holds several sets of them, such as `model` and `model_ema`. */
  readonly entry?: string | undefined;
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
  /** For the user, a sentence each: settings beside the weights that are not used, and assumptions where the files leave a choice. */
  readonly remarks?: readonly string[];
}

/**
 * Loads ViT or DeiT weights (safetensors, PyTorch's `.pth`, AugReg's `.npz`): from a file, a folder, an address (of a folder when it ends with `/`), a
 * hub id, a preset name (its hub repository), a Blob, bytes, or the files of a folder that a user chose in a browser.
 * Progress has the stages `download` (when needed) and `read`, in bytes. Downloads are kept: in Node those of the hub in its own
 * cache, others in ours; in a browser in the Cache API. The server is asked whether they are current; without a network they serve
 * as they are, and `remarks` says so.
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
  requireHeads(options.heads);
  const located = await locate(source, options);
  try {
    const hub = readHubConfig(located.config, located.preprocessor);
    const container = await openLocated(located, options);
    const { file } = container;
    const augreg = container.origin === 'augreg';
    requirePlainNetwork(file, readNames(located.config), container.tensors.keys());
    const described = familyOf(
      readToldArchitecture(located.config, undefined),
      presetFamily(model ?? located.model),
    );
    const names = canonicalNames(container.tensors.keys(), file, described?.name);
    refuseForeign(file, names);
    const entries = canonicalEntries(container, names);
    const width = entries.get('norm.bias')?.shape[0];
    const told = readToldArchitecture(located.config, width);
    const from: CheckpointFacts = { ...told, tag: hub.tag, origin: augreg ? 'timm' : names.origin, width };
    const family = described ?? familyOfTensors(entries, names);
    const read = () => readCanonicalTensors(entries, { signal, onProgress });
    // Some families' tensors have other shapes until they are brought into timm's form; of some, values tell what the head is.
    const early = family.adapt || family.projects ? await read() : undefined;
    const adapted = early && (family.adapt?.(early, from) ?? early);
    const projection = adapted && family.projects?.(adapted, from);
    const assumed = told.isComplete ? {} : family.assumes(from);
    const { heads, remarks: headRemarks } = chooseHeads(options.heads, told, container);
    const inferred = inferConfig(adapted ?? entries, {
      file,
      model: model ?? located.model,
      heads,
      layerNormEps:
        hub.layerNormEps ?? assumed.layerNormEps ?? (from.origin === 'huggingface' ? 1e-12 : 1e-6),
      hint: augreg ? 'vit' : familyHint(located, hub),
      ignored: names.ignored,
      origin: names.origin,
      switches: { ...assumed, ...(projection === undefined ? {} : { projection }), ...told.switches },
      imageSize: told.imageSize,
    });
    requireAgreement(file, told, inferred);
    const native = withProblemType(inferred, hub);
    const config = imageSize === undefined ? native : withImageSize(native, imageSize);

    const tensors = adapted ?? (await read());
    if (config.imageSize !== native.imageSize) resizePositions(tensors, config, names.origin);
    throwIfAborted(signal, 'fromPretrained');
    const { preprocessing, remarks: preprocessingRemarks } = choosePreprocessing(hub, native, {
      isNamed: model !== undefined,
      // torchvision's weights were trained with ImageNet's statistics, whatever preset has the same shapes.
      ...(names.origin === 'torchvision' ? { ofOrigin: deitPreprocessing(native.imageSize) } : {}),
      ...(family.preprocessing ? { ofOrigin: family.preprocessing(native.imageSize) } : {}),
      ...(augreg ? { ofOrigin: augregPreprocessing(native.imageSize) } : {}),
    });
    const remarks = [
      ...(located.remarks ?? []),
      ...container.remarks,
      ...headRemarks,
      ...encoderRemarks(native, names.ignored),
      ...hub.remarks,
      ...(givesEmbedding(config) ? [] : [...classRemarks(hub, config), ...problemRemarks(hub)]),
      ...preprocessingRemarks,
    ];
    const named = hub.labels?.length === config.classes ? hub.labels : await presetLabels(config);
    const labels = givesEmbedding(config) ? undefined : named;
    return {
      config,
      preprocessing: withInputSize(preprocessing, config.imageSize),
      tensors,
      fingerprint: await fingerprint(config, tensors),
      source: located.name,
      ignored: [...names.ignored, ...container.ignored],
      ...(labels ? { labels } : {}),
      ...(remarks.length > 0 ? { remarks } : {}),
    };
  } finally {
    await closeLocated(located);
  }
}

/** The last part of the path, since `vit` in the name of some outer folder tells nothing. */
function familyHint(located: Located, { architecture }: HubConfig): string {
  return architecture ?? located.name.split(/[\\/]/).filter(Boolean).pop() ?? '';
}

/** What `config.json` calls the network. */
function readNames(config: Located['config']): FileNames {
  const { model_type: modelType, architecture } = config ? parseJsonObject(config) : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { modelType: text(modelType), architecture: text(architecture) };
}

/** @throws `CHECKPOINT_INVALID` for a known network that is no plain vision transformer, with the reason */
function requirePlainNetwork(file: string, names: FileNames, tensors: Iterable<string>): void {
  const reason = refusedNetwork({ ...names, tensors });
  if (reason)
    throw refused(file, `holds another kind of network: ${reason}`, names as Record<string, unknown>);
}

/** The family that `config.json` or the name of a preset says. */
function familyOf(
  { modelType, architecture }: Pick<CheckpointFacts, 'modelType' | 'architecture'>,
  preset: Family | undefined,
): Family | undefined {
  if (preset) return preset;
  const byType = families.find(({ modelTypes }) => modelType !== undefined && modelTypes.includes(modelType));
  if (byType || architecture === undefined) return byType;
  // The longest pattern first: `vit_…_dinov2` is also one of ViT's.
  return families.filter(({ architectures }) => architectures.test(architecture)).at(-1);
}

const presetFamily = (model: string | undefined): Family | undefined =>
  model === undefined ? undefined : families.find(({ name }) => name === vitPreset(model).family);

/** The family of tensors that no file describes: of those whose names they have, the one that recognises them. */
function familyOfTensors(
  tensors: Parameters<NonNullable<Family['recognises']>>[0],
  names: CanonicalNames,
): Family {
  const possible = families.filter(
    ({ name }) => names.families.length === 0 || names.families.includes(name),
  );
  return (
    possible.find((family) => family.recognises?.(tensors)) ??
    possible.find(({ name }) => name === 'vit') ??
    possible[0]!
  );
}

/** The positions of the grid for another image size. DINOv2's own repository does as transformers do. */
function resizePositions(tensors: Tensors, config: VitConfig, origin: Origin): void {
  const positions = tensors.get('pos_embed');
  if (switchesOf(config).relativePositions) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `fromPretrained: the relative positions of '${config.name}' cannot be resized; leave out imageSize`,
    );
  }
  if (!positions) return;
  const { positions: kind, prefix } = switchesOf(config);
  const before = kind === 'all' ? prefixTokens(config) : 0;
  const hasFourTaps = (origin === 'huggingface' || origin === 'meta') && !prefix.includes('register');
  const grid = { prefixTokens: before, gridSize: gridSize(config), antialias: !hasFourTaps };
  tensors.set('pos_embed', resizePositionEmbedding(positions, grid));
}

/** Tensors of a text tower are no part of the vision network. */
function refuseForeign(file: string, { ignored, prefix }: CanonicalNames): void {
  const foreign = foreignNames(
    hasTextTower(prefix) ? ignored.filter((name) => name.startsWith(prefix)) : ignored,
  );
  if (foreign.length === 0) return;
  const shown = foreign.slice(0, 3).map(quoted).join(', ');
  const problem = `${shown} belong to another architecture than those that are computed here${variantOf(foreign)}`;
  throw refused(file, problem, { tensors: foreign.slice(0, 100) });
}

/** The name that people have for the variant that foreign names give away. */
function variantOf(foreign: readonly string[]): string {
  const has = (pattern: RegExp) => foreign.some((name) => pattern.test(name));
  if (has(/(^|\.)pre_logits(\.|$)/)) {
    return ': this one has a layer pre_logits between norm and head; it is not supported';
  }
  if (has(/\.[qk]_norm\./)) return ': this one normalises queries and keys (qk_norm); it is not supported';
  return '';
}

/** A head under a name that is not known would make an encoder of a classifier, so what was left is named. */
function encoderRemarks({ headless, projection, classes }: VitConfig, ignored: readonly string[]): string[] {
  if (projection) {
    return [
      `the head is a projection: the model is an encoder, which gives embeddings of ${classes} numbers and no classes`,
    ];
  }
  if (!headless) return [];
  const shown = ignored.slice(0, 5).map(quoted).join(', ');
  const rest = ignored.length > 0 ? `; not used of the file: ${shown}${ignored.length > 5 ? ', …' : ''}` : '';
  return [`the weights have no head: the model is an encoder, which gives features and no classes${rest}`];
}

/** `problem_type` says which heads have a sigmoid, but for those with one logit, which always do. */
const withProblemType = (config: VitConfig, { problemType }: HubConfig): VitConfig =>
  problemType === 'multi_label_classification' && !givesEmbedding(config)
    ? { ...config, multiLabel: true }
    : config;

function problemRemarks({ problemType }: HubConfig): string[] {
  if (problemType !== 'regression') return [];
  return [
    'problem_type of config.json is regression: the outputs are read as logits of classes, as transformers does',
  ];
}

function requireHeads(heads: number | undefined): void {
  if (heads === undefined || (Number.isSafeInteger(heads) && heads > 0)) return;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `fromPretrained: expected heads > 0, an integer, got ${heads}`,
    {
      heads,
    },
  );
}
