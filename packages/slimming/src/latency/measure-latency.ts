/** Measures the time of blocks by the number of tokens that reach and leave them. */

import {
  createRandom,
  float32,
  int32,
  PatchslimError,
  range,
  runOnHost,
  withPrograms,
  type LongCallOptions,
} from '@patchslim/tensor';
import { patchesAt, reduceTo } from '@patchslim/token-reducers';
import {
  densePlan,
  prefixPositions,
  prefixTokens,
  tokenCount,
  type BlockPlan,
  type VitConfig,
  type VitModel,
} from '@patchslim/vit-models';
import { compileBlock, type BlockProgram, type HostState } from '../block-program.js';
import { compileForward, randomImages } from '../compare-speed.js';
import { firstTokens, planOfCounts, type BlockOf } from '../counted-plan.js';
import { median, quantile, timeInTurn } from '../timing.js';
import { latencyOf, measuredShares, type LatencyRow, type LatencyTable } from './latency-table.js';

/** Options of `measureLatency`. */
export interface MeasureLatencyOptions extends LongCallOptions {
  /** Images per batch. @default 1 */
  readonly batch?: number;
  /** Measurements of each block. @default 30 */
  readonly runs?: number;
}

/** Shares of the patches that reach a measured block, besides all patches and all but one. */
const reachingShares: readonly number[] = [0.8, 0.6, 0.4, 0.2, 0.1];

/**
 * Quantile of the measured times. Other load on a machine only adds time, and adds disproportionately to long runs:
 * medians of blocks and of the whole network would not be consistent.
 */
const undisturbed = 0.1;

/** The second block: before the first, nothing can have been removed. All blocks have the same shape. */
const measuredBlock = 1;

/**
 * Times dense and selecting blocks on a small grid, in alternating order, on random tokens, and takes a low quantile
 * of the times. It takes a second or two for DeiT-Ti. Selection is measured in the second block, so methods whose
 * selection is cheaper in deeper blocks (`zero-tprune`) are overestimated.
 * @param blockOf a block of the measured method
 * @throws INVALID_ARGUMENT for a model of one block; PLAN_INVALID, ABORTED
 * @example
 * const costOf = latencyOf(await measureLatency(model, parseMethod('ward').blockOf));
 */
export async function measureLatency(
  model: VitModel,
  blockOf: BlockOf,
  { batch = 1, runs = 30, signal, onProgress }: MeasureLatencyOptions = {},
): Promise<LatencyTable> {
  const { config, backend } = model;
  if (config.depth <= measuredBlock) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `measureLatency(): expected a model of at least two blocks, got ${config.depth}`,
    );
  }
  const tokens = tokenCount(config);
  const prefix = prefixPositions(config).length;
  const reference = referenceCounts(config);
  return withPrograms(async (own) => {
    const programs = [
      own(await compileForward(model, batch)),
      own(await compileForward(model, batch, planOfCounts(config, reference, blockOf))),
    ];
    const full: HostState = {
      tokens: randomTokens(batch, tokens, config.width),
      positions: range(tokens),
    };
    const rows = [await compileRow(model, blockOf, { kind: 'dense' }, full, own)];
    const selected = (await rows[0]!.selecting[0]!.run(full)).state!;
    for (const count of fewerTokens(prefix, tokens)) {
      const state = stateLike(selected, randomTokens(batch, count, config.width));
      rows.push(await compileRow(model, blockOf, reachedBy(config, state), state, own));
    }
    const images = randomImages(batch, config.imageSize);
    const { times } = await timeInTurn(
      [
        ...programs.map((program) => () => runOnHost(backend, program, { images })),
        ...rows.flatMap((row) => row.programs.map((program) => () => program.run(row.state))),
      ],
      {
        ...{ runs, where: 'measureLatency()', signal },
        onRun: (done) => onProgress?.({ stage: 'latency', done, total: runs, unit: 'runs' }),
      },
    );
    const spread = median(times.map((all) => (quantile(all, 0.75) - quantile(all, 0.25)) / median(all)));
    const [dense, slimmed, ...blocks] = times.map((all) => quantile(all, undisturbed) / batch);
    const [whole, ...fewer] = rows.map((row): LatencyRow => {
      const [own, last, ...selecting] = blocks.splice(0, row.programs.length);
      return { tokens: row.state.tokens.shape[1]!, dense: own!, last: last!, selecting };
    });
    const table = { prefix, batch, full: whole!, fewer, dense: dense!, rest: 0, scale: 1, spread };
    const saved = config.depth * table.full.dense - latencyOf(table)(reference);
    // For blocks so small that the times are only noise, no scale is fitted.
    const scale = saved > 0 && dense! > slimmed! ? (dense! - slimmed!) / saved : 1;
    return { ...table, scale, rest: dense! - scale * config.depth * table.full.dense };
  });
}

/** Each block except the first leaves six sevenths of the patches; the last as the head needs it. */
function referenceCounts(config: VitConfig): number[] {
  const prefix = prefixTokens(config);
  let patches = tokenCount(config) - prefix;
  return Array.from({ length: config.depth }, (_, block) => {
    if (block > 0) patches = Math.max(1, Math.round((6 * patches) / 7));
    return prefix + patchesAt(config, block, patches);
  });
}

interface MeasuredRow {
  readonly state: HostState;
  /** Dense, last, selecting. */
  readonly programs: readonly BlockProgram[];
  readonly selecting: readonly BlockProgram[];
}

async function compileRow(
  model: VitModel,
  blockOf: BlockOf,
  before: BlockPlan,
  state: HostState,
  own: (program: BlockProgram) => BlockProgram,
): Promise<MeasuredRow> {
  const { config } = model;
  const prefix = prefixPositions(config);
  const reaching = state.tokens.shape[1]!;
  const patches = reaching - prefix.length;
  const entries: BlockPlan[] = [
    { kind: 'dense' },
    // Without prefix tokens no block keeps these alone, and the row is not used.
    { kind: 'keep', keep: prefix.length > 0 ? prefix : [0], keys: 'compact' },
    ...measuredShares.map((share) => {
      const left = Math.min(patches - 1, Math.max(Math.ceil(patches / 2), Math.round(share * patches)));
      return blockOf({ config, block: measuredBlock, reaching, count: prefix.length + left });
    }),
  ];
  const programs: BlockProgram[] = [];
  for (const entry of entries) {
    const plan = densePlan(config);
    plan[0] = before;
    plan[measuredBlock] = entry;
    programs.push(own(await compileBlock(model, plan, measuredBlock, state)));
  }
  return { state, programs, selecting: programs.slice(2) };
}

/** Ascending. At least two patches must reach a block that removes one. */
function fewerTokens(prefix: number, tokens: number): number[] {
  const patches = tokens - prefix;
  const counts = [patches - 1, ...reachingShares.map((share) => Math.round(share * patches))];
  return [...new Set(counts.filter((count) => count >= 2))]
    .sort((a, b) => a - b)
    .map((count) => prefix + count);
}

/** A state with the same parts and other tokens. */
function stateLike(
  { positions, sizes, globalClassAttention }: HostState,
  tokens: HostState['tokens'],
): HostState {
  const [batch, count] = tokens.shape as [number, number];
  const everyImage = Array.from({ length: batch }, () => range(count)).flat();
  const ones = float32(
    [batch, count, 1],
    everyImage.map(() => 1),
  );
  return {
    tokens,
    positions: 'data' in positions ? int32([batch, count], everyImage) : range(count),
    sizes: sizes && ones,
    globalClassAttention: globalClassAttention && ones,
  };
}

/** A block that leaves a state of that kind; its own computation does not matter. */
function reachedBy(config: VitConfig, { tokens, positions }: HostState): BlockPlan {
  const count = tokens.shape[1]!;
  const place = { config, block: 0, reaching: tokenCount(config), count };
  return 'data' in positions
    ? reduceTo('top-k', place, { score: { name: 'class-attention' } })
    : firstTokens('compact')(place);
}

function randomTokens(batch: number, count: number, width: number) {
  const random = createRandom(count);
  return float32(
    [batch, count, width],
    Float32Array.from({ length: batch * count * width }, () => 2 * random() - 1),
  );
}
