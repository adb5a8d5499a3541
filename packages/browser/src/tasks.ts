/**
 * The tasks of a worker by name, with requests and results. All of them can be posted between threads. Shapes: `N`
 * tokens including the class token, `L` blocks, `S` pixels per side.
 */

import type { UnavailableBackend } from '@patchslim/backends';
import type {
  BlockTokens,
  ClassGuess,
  ComputedRows,
  EvaluatedPair,
  GuessOptions,
  PatchTokensOptions,
  SpeedResult,
} from '@patchslim/slimming';
import type { SlimPlan } from '@patchslim/slimming-schedules';
import type { Preprocessing, VitConfig } from '@patchslim/vit-models';

/**
 * A task takes one request and returns one result, with progress and abort. All except `open` and `memory` need an
 * open model.
 */
export interface Tasks {
  /** Opens a backend and places a model on it. It closes the previous session, unless the model cannot be read. */
  open(request: OpenRequest): OpenedModel;
  /** Makes a plan without images, with a method that chooses tokens while the network runs. */
  plan(request: PlanRequest): SlimPlan;
  /** Makes a plan from the user's images, and measures its accuracy on unseen images. */
  slim(request: SlimRequest): SlimResult;
  /** The likeliest classes of an image. Under a plan the dense network does not run. */
  classify(request: ClassifyRequest): readonly ClassGuess[];
  /**
   * The embedding of an image, `[D]`: the output of an encoder; of a classifier the features before the head. Under a plan the dense
   * network does not run.
   */
  embed(request: EmbedRequest): Float32Array;
  /** The tokens of an image on the full grid: merged ones have their common value, dropped ones the last that they had. */
  patchTokens(request: PatchTokensRequest): readonly BlockTokens[];
  /** One image through the dense and the slimmed network, block by block. */
  inspect(request: InspectRequest): Inspection;
  /** Dense against slimmed time on this machine. */
  measure(request: MeasureRequest): Measurement;
  /** Current memory use. */
  memory(request: void): MemoryUse;
}

/** Names of the tasks. */
export const taskNames = [
  'open',
  'plan',
  'slim',
  'classify',
  'embed',
  'patchTokens',
  'inspect',
  'measure',
  'memory',
] as const satisfies readonly (keyof Tasks)[];
/** One of `taskNames`. */
export type TaskName = keyof Tasks;

/** The request of `open`. */
export interface OpenRequest {
  /** Names of `backendChoices`, tried in order. @default ['tfjs-webgpu', 'wasm'] */
  readonly backends?: readonly string[] | undefined;
  /**
   * A preset, a hub id, a full URL (of a weight file, or of a folder if it ends with `/`), the bytes of a weight
   * file, or the files of a chosen folder: weights, `config.json`, `preprocessor_config.json`.
   */
  readonly model: string | Uint8Array | Blob | readonly File[];
  /** Attention heads, for weights that do not tell them: a bare file that is no preset. */
  readonly heads?: number | undefined;
  /** Hub (default https://huggingface.co). */
  readonly endpoint?: string | undefined;
  /**
   * Threads of WebAssembly, and of `native` in Node. Default in a page: one for each core, four at most, if the page is
   * cross-origin isolated; else 1. A worker keeps its first number, and refuses another.
   */
  readonly threads?: number | undefined;
  /** Full URL of the folder with the .wasm files, ending with `/`. Default: where the bundler has put them. */
  readonly wasmPaths?: string | undefined;
}

/** The result of `open`. */
export interface OpenedModel {
  /** Name from `backendChoices`. */
  readonly backend: string;
  /**
   * Backends that failed to open before this one, with the reasons, so that a page can explain why it runs in
   * WebAssembly.
   */
  readonly unavailable: readonly UnavailableBackend[];
  /** CPU threads: more than one in WebAssembly on a cross-origin isolated page; 1 with a GPU. */
  readonly threads: number;
  readonly config: VitConfig;
  readonly preprocessing: Preprocessing;
  readonly fingerprint: string;
  /** Names of the classes, if the checkpoint has them. */
  readonly labels?: readonly string[] | undefined;
}

/** The request of `plan`. */
export interface PlanRequest {
  /** A method that chooses tokens while the network runs. @default 'ward' */
  readonly method?: string | undefined;
  /** Text for `parseSchedule`. @default 'budget:0.5' */
  readonly schedule?: string | undefined;
}

/** The request of `slim`: texts like the options of `slim` in `@patchslim/slimming`. */
export interface SlimRequest {
  /** Files, or a folder that the user chose; with labels if there are any (`openImageFiles`). */
  readonly files: readonly File[];
  /** @default 'auto', the best of all methods */
  readonly method?: string | undefined;
  /** @default 'budget:0.5' */
  readonly schedule?: string | undefined;
  /** Number of images for the plan; the others evaluate it. @default 256, but at most half of the files */
  readonly calibrate?: number | undefined;
  /** @default 0 */
  readonly seed?: number | undefined;
}

/** The result of `slim`. The figures, with intervals, are for the unseen images. */
export interface SlimResult extends EvaluatedPair {
  readonly plan: SlimPlan;
  /** Files that could not be decoded. */
  readonly skipped: readonly SkippedFile[];
}

/** A file that could not be decoded, with the reason. */
export interface SkippedFile {
  readonly name: string;
  readonly reason: string;
}

/** The request of `embed`. */
export interface EmbedRequest {
  readonly image: Blob | ImagePixels;
  /** Default: the dense network. */
  readonly plan?: SlimPlan | undefined;
}

/** The request of `classify`. */
export interface ClassifyRequest extends EmbedRequest, GuessOptions {}

/** The request of `patchTokens`. */
export interface PatchTokensRequest extends EmbedRequest, PatchTokensOptions {}

/** The request of `inspect`. */
export interface InspectRequest {
  readonly image: Blob | ImagePixels;
  readonly plan: SlimPlan;
}

/** 8-bit RGB, row by row. A request can have a fourth channel, which is dropped: the `ImageData` of a canvas. */
export interface ImagePixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** The result of `inspect`. */
export interface Inspection {
  /** The crop that the model sees, `S × S`. */
  readonly crop: ImagePixels;
  /** The likeliest classes, at most five, likeliest first; none of an encoder. */
  readonly dense: readonly ClassGuess[];
  readonly slimmed: readonly ClassGuess[];
  /** Of an encoder: cosine of the slimmed to the dense embedding. */
  readonly cosine?: number;
  /** The rows that each of `L` blocks computes; a merged row has several positions. */
  readonly kept: readonly ComputedRows[];
  /** Attention of the class token in each of `L` dense blocks, `[N]`, mean over heads; without a class token of the mean query. */
  readonly scores: readonly Float32Array[];
}

/** The request of `measure`. */
export interface MeasureRequest {
  readonly plan: SlimPlan;
  readonly batch: number;
  /** Measured pairs. */
  readonly runs: number;
}

/** Time per image, in ms. Cold times are cold only the first time: a GPU backend keeps its compiled shaders. */
export type Measurement = SpeedResult;

/** The result of `memory`. */
export interface MemoryUse {
  /** The current backend: after a lost GPU it can differ from the result of `open`. */
  readonly backend: string;
  /** Tensors on the backend, including the model's weights. */
  readonly liveTensors: number;
  /** Memory in device buffers, bytes, if the backend reports it (WebGPU of TensorFlow.js). */
  readonly deviceBytes?: number | undefined;
}
