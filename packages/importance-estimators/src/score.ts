/**
 * A score rates the importance of tokens at a block; larger is more important. It is written once and used two ways:
 * averaged over images for static plans, and per image inside the running network (`top-k`).
 *
 * - A block score is a function of the view of one block. It works both ways unless it sets `runTimeOnly`.
 * - A network score is a function of the captures of consecutive blocks up to the last. It works only for static
 *   plans.
 *
 * Shapes: `B` images, `N` tokens including the class token, `H` heads, `D` width; `n_in` rows reach a block and it
 * computes `n_out` rows (both `N` in a dense block).
 */

import { scope, tensorsIn, type Tensor } from '@patchslim/tensor';
import {
  hasClassToken,
  poolOf,
  type BlockCapture,
  type BlockView,
  type CaptureKind,
  type VitConfig,
} from '@patchslim/vit-models';
import * as z from 'zod/mini';
import { captureOf, overKept, viewOf, type ViewPart } from './capture-view.js';

/** Inputs of a score besides the captures. */
export interface ScoreContext {
  readonly config: VitConfig;
  /** Seed of scores that draw random numbers. */
  readonly seed: number;
}

/** A score for static plans: computed from the captures of a forward pass, later averaged over images. */
export interface Score {
  readonly name: string;
  /** One-line description. */
  readonly summary: string;
  /** The captures that the score reads. The forward pass captures no others. */
  readonly needs: readonly CaptureKind[];
  /** Whether the score of a block depends on deeper blocks, and so on whether these are dense or already slimmed. */
  readonly readsDeeperBlocks: boolean;
  /**
   * Scores consecutive blocks up to the last block of the model: one `[B, n_out]` per capture, over the rows that the
   * block computes (`tokens.kept`). The caller owns the results; the score disposes all other tensors.
   *
   * @throws INVALID_ARGUMENT when a block ran without a capture in `needs`, or when its tokens differ between images
   */
  readonly score: (captures: readonly BlockCapture[], context: ScoreContext) => readonly Tensor[];
}

/** A block score with its options; `top-k` runs it inside the network. `n_in` rows reach the block. */
export interface BlockScore {
  /** Whether the score reads the attention of every token. It then runs after the attention. */
  readonly needsAttention: boolean;
  /** Returns `[B, n_in]`. The scores of the prefix tokens are ignored. */
  readonly scores: (view: BlockView, rowsOut: number) => Tensor;
  /** The running mean of class attention for the next block, if the score keeps one: `[B, n_in, 1]`. */
  readonly globalClassAttention?: (view: BlockView) => Tensor;
  /** The reason why the score cannot run in a model, if there is one. */
  readonly problem?: (config: VitConfig) => string | undefined;
  /** Multiply-accumulates for one image. */
  readonly macs: (config: VitConfig, rowsIn: number) => number;
}

/** A network score, as `defineScore` takes it. */
export interface NetworkScoreDefinition extends Omit<Score, 'score'> {
  /** As `Score.score`. The caller disposes intermediate tensors. */
  readonly ofNetwork: Score['score'];
}

/** A block score, as `defineScore` takes it. */
export interface BlockScoreDefinition<Name extends string, Shape extends z.core.$ZodShape> {
  /** The name in plan files. */
  readonly name: Name;
  /** One-line description. */
  readonly summary: string;
  /** The schema of each option. Plan files store the options beside the name. Default: no options. */
  readonly options?: Shape;
  /** The parts of the view that the score reads. */
  readonly reads: readonly ViewPart[];
  /** Why the score cannot use captures, as the end of a sentence that begins with "it". Undefined if it can. */
  readonly runTimeOnly?: string;
  /** `[B, n_in]`. In a slimmed block of a static plan, `view.attention` has the `n_out` rows that the block computes. */
  ofBlock(view: BlockView, options: z.output<z.ZodMiniObject<Shape>>, rowsOut: number): Tensor;
  /** See `BlockScore`. */
  readonly globalClassAttention?: (view: BlockView) => Tensor;
  /** See `BlockScore`. */
  problem?(config: VitConfig, options: z.output<z.ZodMiniObject<Shape>>): string | undefined;
  /** Multiply-accumulates for one image, without the class token's attention. Default: 0. */
  macs?(rowsIn: number, options: z.output<z.ZodMiniObject<Shape>>): number;
}

/** A score that works inside the running network. */
export interface RunTimeScore<Name extends string, Shape extends z.core.$ZodShape> {
  readonly name: Name;
  readonly summary: string;
  /** Why the score cannot use captures; undefined if it can. */
  readonly runTimeOnly: string | undefined;
  /** Schema of its data in a plan: `{ name, …options }`. */
  readonly schema: z.ZodMiniObject<{ name: z.ZodMiniLiteral<Name> } & Shape, z.core.$strict>;
  create(options: z.output<z.ZodMiniObject<Shape>>): BlockScore;
}

/** Options of a score without options. */
type NoOptions = Record<never, never>;

/**
 * Defines a score of one block (`ofBlock`) or of the network (`ofNetwork`). A block score with options works only at
 * run time.
 *
 * @example
 * const featureNorm = defineScore({
 *   name: 'feature-norm',
 *   summary: "length of the token's features at the block's input",
 *   reads: ['input'],
 *   ofBlock: ({ tokens }) => sqrt(sum(mul(tokens, tokens), -1)),
 * });
 */
export function defineScore(definition: NetworkScoreDefinition): Score;
export function defineScore<const Name extends string, Shape extends z.core.$ZodShape = NoOptions>(
  definition: BlockScoreDefinition<Name, Shape> & { readonly runTimeOnly: string },
): RunTimeScore<Name, Shape>;
export function defineScore<const Name extends string>(
  definition: BlockScoreDefinition<Name, NoOptions> & { readonly options?: never },
): RunTimeScore<Name, NoOptions> & Score;
export function defineScore(
  definition: NetworkScoreDefinition | BlockScoreDefinition<string, z.core.$ZodShape>,
): Score | RunTimeScore<string, z.core.$ZodShape> {
  if ('ofNetwork' in definition) {
    const { ofNetwork, ...rest } = definition;
    return { ...rest, score: inScope(ofNetwork) };
  }
  const runTime = ofRunningNetwork(definition);
  return definition.runTimeOnly === undefined ? { ...runTime, ...ofCaptures(definition) } : runTime;
}

function ofRunningNetwork<Shape extends z.core.$ZodShape>(
  definition: BlockScoreDefinition<string, Shape>,
): RunTimeScore<string, Shape> {
  const { name, summary, reads, runTimeOnly, globalClassAttention } = definition;
  return {
    name,
    summary,
    runTimeOnly,
    schema: z.strictObject({ name: z.literal(name), ...definition.options } as {
      name: z.ZodMiniLiteral<string>;
    } & Shape),
    create: (options) => ({
      needsAttention: reads.includes('attention'),
      scores: (view, rowsOut) => definition.ofBlock(view, options, rowsOut),
      ...(globalClassAttention ? { globalClassAttention } : {}),
      ...(definition.problem ? { problem: (config) => definition.problem!(config, options) } : {}),
      macs: (config, rowsIn) => {
        const attending = reads.includes('class-attention') ? classAttentionMacs(config, rowsIn) : 0;
        return attending + (definition.macs?.(rowsIn, options) ?? 0);
      },
    }),
  };
}

/** The class token's query and its row of attention; or what stands for them (`BlockView.classAttention`). */
function classAttentionMacs(config: VitConfig, rowsIn: number): number {
  const ofPool = hasClassToken(config) ? undefined : poolOf(config).attentionMacs?.(config, rowsIn);
  return ofPool ?? config.width * config.width + rowsIn * config.width;
}

/** The same score from captures: each block separately, restricted to the rows that the block computes. */
function ofCaptures(definition: BlockScoreDefinition<string, z.core.$ZodShape>): Score {
  const { name, summary, reads } = definition;
  return {
    name,
    summary,
    needs: [...new Set(reads.map(captureOf))],
    readsDeeperBlocks: false,
    score: inScope((captures, { config }) =>
      captures.map((capture) => {
        const rowsOut = capture.tokens?.kept.length ?? 0;
        return overKept(capture, definition.ofBlock(viewOf(capture, config), {}, rowsOut));
      }),
    ),
  };
}

/** Disposes the intermediate tensors. */
const inScope =
  (score: Score['score']): Score['score'] =>
  (captures, context) => {
    const backend = tensorsIn(captures)[0]?.backend;
    return backend ? scope(backend, () => score(captures, context)) : score(captures, context);
  };
