/**
 * What a worker does for a page: the tasks by name, with what each takes and gives. All of it can be posted between
 * threads. Letters of shapes: `N` tokens with the class token, `L` blocks, `S` pixels of a side.
 */

import type { UnavailableBackend } from '@patchslim/backends';
import type { ClassGuess, EvaluatedPair, ComputedRows, SpeedResult } from '@patchslim/slimming';
import type { SlimPlan } from '@patchslim/slimming-schedules';
import type { Preprocessing, VitConfig } from '@patchslim/vit-models';

/** A task takes one value and gives one; progress and abort go beside it. All but `open` and `memory` need a model that is open. */
export interface Tasks {
  /** Opens a backend and places a model on it. What was open before is closed, unless the model cannot be read. */
  open(request: OpenRequest): OpenedModel;
  /** A plan that needs no images: a method that chooses while the network runs. */
  plan(request: PlanRequest): SlimPlan;
  /** A plan from images of the user, and what it costs in accuracy on those that it has not seen. */
  slim(request: SlimRequest): SlimResult;
  /** What an image shows: the likeliest classes. The dense network runs only where there is no plan. */
  classify(request: ClassifyRequest): readonly ClassGuess[];
  /** What the classifier reads of an image, `[D]`. The dense network runs only where there is no plan. */
  embed(request: EmbedRequest): Float32Array;
  /** One image through the dense and the slimmed network, block by block. */
  inspect(request: InspectRequest): Inspection;
  /** Dense against slimmed time on this machine. */
  measure(request: MeasureRequest): Measurement;
  /** What is held at this moment. */
  memory(request: void): MemoryUse;
}

/** Names of the tasks. */
export const taskNames = [
  'open',
  'plan',
  'slim',
  'classify',
  'embed',
  'inspect',
  'measure',
  'memory',
] as const satisfies readonly (keyof Tasks)[];
/** One of `taskNames`. */
export type TaskName = keyof Tasks;

/** What `open` takes. */
export interface OpenRequest {
  /** Names of `backendChoices`, tried in order. @default ['tfjs-webgpu', 'wasm'] */
  readonly backends?: readonly string[] | undefined;
  /**
   * A preset, a hub id, a whole address (of a weight file, or of a folder when it ends with `/`), the bytes of a weight
   * file, or the files of a folder that the user chose: weights, `config.json`, `preprocessor_config.json`.
   */
  readonly model: string | Uint8Array | Blob | readonly File[];
  /** Hub (default https://huggingface.co). */
  readonly endpoint?: string | undefined;
  /** Where the .wasm files are, a whole address ending with `/`; where the bundler has put them when left out. */
  readonly wasmPaths?: string | undefined;
}

/** What `open` gives. */
export interface OpenedModel {
  /** Of `backendChoices`. */
  readonly backend: string;
  /** What was tried before and did not come up, and why: a page that runs in WebAssembly can say so. */
  readonly unavailable: readonly UnavailableBackend[];
  /** Threads of the CPU that compute: more than one in WebAssembly on a cross-origin isolated page; 1 beside a GPU. */
  readonly threads: number;
  readonly config: VitConfig;
  readonly preprocessing: Preprocessing;
  readonly fingerprint: string;
  /** Names of the classes, when the checkpoint tells them. */
  readonly labels?: readonly string[] | undefined;
}

/** What `plan` takes. */
export interface PlanRequest {
  /** A method that chooses tokens while the network runs. @default 'ward' */
  readonly method?: string | undefined;
  /** As `parseSchedule` reads it. @default 'budget:0.5' */
  readonly schedule?: string | undefined;
}

/** What `slim` takes: texts as the options of `slim` in `@patchslim/slimming`. */
export interface SlimRequest {
  /** A folder that the user chose, or some files; labels are read where there are any (`openImageFiles`). */
  readonly files: readonly File[];
  /** @default 'auto', the best of all methods */
  readonly method?: string | undefined;
  /** @default 'budget:0.5' */
  readonly schedule?: string | undefined;
  /** Images that have a part in the plan; the others judge. @default 256, half of the files at most */
  readonly calibrate?: number | undefined;
  /** @default 0 */
  readonly seed?: number | undefined;
}

/** What `slim` gives; the figures, with their intervals, are on the images that had no part in the plan. */
export interface SlimResult extends EvaluatedPair {
  readonly plan: SlimPlan;
  /** Files that could not be decoded. */
  readonly skipped: readonly SkippedFile[];
}

/** A file that could not be decoded, and why. */
export interface SkippedFile {
  readonly name: string;
  readonly reason: string;
}

/** What `embed` takes. */
export interface EmbedRequest {
  readonly image: Blob | ImagePixels;
  /** The dense network when left out. */
  readonly plan?: SlimPlan | undefined;
}

/** What `classify` takes. */
export interface ClassifyRequest extends EmbedRequest {
  /** Classes to give. @default 5 */
  readonly top?: number | undefined;
}

/** What `inspect` takes. */
export interface InspectRequest {
  readonly image: Blob | ImagePixels;
  readonly plan: SlimPlan;
}

/** 8-bit RGB, row by row; in a request also with a fourth channel, which is dropped: the `ImageData` of a canvas. */
export interface ImagePixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** What `inspect` gives. */
export interface Inspection {
  /** What the model sees: the crop, `S × S`. */
  readonly crop: ImagePixels;
  /** The likeliest classes, at most five, the likeliest first. */
  readonly dense: readonly ClassGuess[];
  readonly slimmed: readonly ClassGuess[];
  /** The rows that each of `L` blocks computes: several positions where tokens were merged. */
  readonly kept: readonly ComputedRows[];
  /** Attention of the class token in each of `L` dense blocks, `[N]`, mean of the heads. */
  readonly scores: readonly Float32Array[];
}

/** What `measure` takes. */
export interface MeasureRequest {
  readonly plan: SlimPlan;
  readonly batch: number;
  /** Measured pairs. */
  readonly runs: number;
}

/**
 * Times of one batch divided by its images, in ms. The cold ones are cold the first time only: a GPU backend keeps the shaders
 * that it has compiled.
 */
export type Measurement = SpeedResult;

/** What `memory` gives. */
export interface MemoryUse {
  /** What computes at this moment: after a lost GPU it may be another one than `open` told. */
  readonly backend: string;
  /** Tensors that the backend holds, the model's weights among them. */
  readonly liveTensors: number;
  /** What the device's buffers take, in bytes, where the backend can tell (WebGPU of TensorFlow.js). */
  readonly deviceBytes?: number | undefined;
}
