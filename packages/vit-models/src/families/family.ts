/** The interface of a model family: how to recognise its checkpoints, what their tensors are called, what the files leave open. */

import type { HostTensor } from '@patchslim/tensor';
import type { VitConfig } from '../config.js';
import type { Preprocessing } from '../preprocessing.js';

/** Whose names the tensors of a checkpoint have. */
export type Origin = 'timm' | 'huggingface' | 'torchvision' | 'openai' | 'meta' | 'tokenlabeling';

/**
 * The names of one origin, as module names without `.weight` and `.bias`, or as whole names of tensors. The target is timm's
 * name; `#1` behind it means the second of the parts whose rows are joined, `^T` a matrix that is stored the
 * other way round. A target that begins with `~` is no name of timm's: `Family.adapt` makes timm's tensors of it.
 * An empty target is known and not used.
 */
export interface NameTable {
  readonly origin: Origin;
  /** Outside of the blocks. */
  readonly outer: Readonly<Record<string, string>>;
  /** What comes before the number of a block, such as `encoder.layer.`. */
  readonly block: string;
  /** Inside a block; the target is below `blocks.{i}.`. */
  readonly inner: Readonly<Record<string, string>>;
}

/** Tensors by canonical name. */
export type Tensors = Map<string, HostTensor<'float32'>>;

/** What is known of a checkpoint before its architecture is. */
export interface CheckpointFacts {
  readonly origin: Origin;
  /** `model_type` of transformers. */
  readonly modelType?: string | undefined;
  /** timm's name of the architecture. */
  readonly architecture?: string | undefined;
  /** Channels of a token, as the weights show them. */
  readonly width?: number | undefined;
  /** timm's name of the weights, such as `openai` or `laion2b_ft_in1k`. */
  readonly tag?: string | undefined;
}

/** A preset without its name: sizes and the place of the weights. */
export interface FamilyPreset {
  readonly name: string;
  readonly config: Omit<VitConfig, 'name'>;
  readonly preprocessing: Preprocessing;
  /** Hugging Face hub repository, or the address of a file of weights. */
  readonly hubId: string;
}

/** One family: one file in `families/` and one line in `list.ts`. */
export interface Family {
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** `model_type` in `config.json` of transformers. */
  readonly modelTypes: readonly string[];
  /** timm's names of its architectures. */
  readonly architectures: RegExp;
  /** The names of its tensors, besides timm's. */
  readonly tables: readonly NameTable[];
  /** Recognises tensors that no file describes, by canonical name; no two families recognise the same. */
  recognises?(tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>): boolean;
  /** Switches and numbers that no shape tells, where `config.json` does not say them. */
  assumes(from: CheckpointFacts): Partial<VitConfig>;
  /** Brings tensors of this origin into timm's form, where that is more than a new name. */
  adapt?(tensors: Tensors, from: CheckpointFacts): Tensors;
  /** Whether the head is a projection of the features into an embedding; absent: it classifies. */
  projects?(tensors: Tensors, from: CheckpointFacts): boolean;
  /** How its weights are evaluated, where no file says it. Absent: as the preset, or DeiT's. */
  preprocessing?(imageSize: number): Preprocessing;
  readonly presets: readonly FamilyPreset[];
}
