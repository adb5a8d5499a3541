/**
 * Runs many counts on the same images and shares common work: counts that agree up to a block share the states before
 * it, and blocks with the same numbers of tokens before and after share a compiled program.
 */

import type { ImageSet } from '@patchslim/datasets';
import { disposePrograms, float32, range, sizeOf, throwIfAborted, type HostTensor } from '@patchslim/tensor';
import { classify, embed, runBlocks, tokenCount, type VitModel } from '@patchslim/vit-models';
import { compileOnImages } from '../batched-program.js';
import { compileBlock, type BlockProgram, type HostState } from '../block-program.js';
import { divergences } from '../compare/divergence.js';
import { planOfCounts, type BlockOf } from '../counted-plan.js';
import { requireFinite } from '../require-finite.js';
import { requireImages } from '../require-images.js';

export interface CountWalk {
  readonly images: number;
  /**
   * Divergence of each of `candidates` from the dense network, per image (see `meanDivergence`).
   * @param most number of images, the first ones, in whole batches; all by default
   */
  divergences(candidates: readonly (readonly number[])[], most?: number): Promise<number[][]>;
  /** Frees the compiled programs. */
  close(): Promise<void>;
}

export interface CountWalkOptions {
  readonly batchSize: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Largest number of cached programs: each takes about 15 MB for a block of DeiT-Ti. Enough for two paths through the
 * network.
 */
const livePrograms = 24;

/** One batch: its state before a block. */
interface Batch {
  readonly state: HostState;
  /** Logits of the dense network, `[images, C]`, without padding rows. */
  readonly logits: Float32Array;
}

/**
 * Decodes the images and runs the dense network over them, once. Embedded tokens stay in memory: 150 kB per image for
 * DeiT-Ti, and during a walk the same again for every block.
 * @throws DATA_INVALID when no image can be used; errors of decoding; NUMERICAL; ABORTED
 */
export async function openCountWalk(
  model: VitModel,
  blockOf: BlockOf,
  images: ImageSet,
  options: CountWalkOptions,
): Promise<CountWalk> {
  const { config } = model;
  const batches = await embedAll(model, images, options);
  const programs = new Map<string, BlockProgram>();

  async function programFor(
    counts: readonly number[],
    block: number,
    state: HostState,
  ): Promise<BlockProgram> {
    const key = `${block}: ${state.tokens.shape[1]} → ${counts[block]}`;
    const known = programs.get(key);
    programs.delete(key); // reinserted as the most recently used
    const program = known ?? (await compileBlock(model, planOfCounts(config, counts, blockOf), block, state));
    programs.set(key, program);
    if (programs.size > livePrograms) {
      const [oldest, unused] = programs.entries().next().value!;
      programs.delete(oldest);
      await unused.dispose();
    }
    return program;
  }

  /** @param group counts that agree before `block`, by index */
  async function walk(
    candidates: readonly (readonly number[])[],
    group: readonly number[],
    block: number,
    reaching: readonly Batch[],
    results: number[][],
  ): Promise<void> {
    for (const same of groupBy(group, (index) => candidates[index]![block]!)) {
      throwIfAborted(options.signal, 'openCountWalk()');
      const program = await programFor(candidates[same[0]!]!, block, reaching[0]!.state);
      const leaving: Batch[] = [];
      const values: number[] = [];
      for (const { state, logits: dense } of reaching) {
        const left = await program.run(state);
        if (left.state) leaving.push({ state: left.state, logits: dense });
        if (!left.logits) continue;
        const logits = (left.logits.data as Float32Array).subarray(0, dense.length);
        requireFinite(logits, 'openCountWalk(): logits');
        values.push(...divergences(logits, dense, config));
      }
      if (block < config.depth - 1) await walk(candidates, same, block + 1, leaving, results);
      else for (const index of same) results[index] = values;
    }
  }

  return {
    images: batches.reduce((sum, { logits }) => sum + logits.length / config.classes, 0),
    async divergences(candidates, most = Infinity) {
      const results = candidates.map((): number[] => []);
      const some = batches.slice(0, Math.ceil(most / options.batchSize));
      await walk(candidates, range(candidates.length), 0, some, results);
      return results;
    },
    async close() {
      const left = [...programs.values()];
      programs.clear();
      await disposePrograms(left);
    },
  };
}

async function embedAll(
  model: VitModel,
  images: ImageSet,
  { batchSize, signal }: CountWalkOptions,
): Promise<Batch[]> {
  const { config } = model;
  const program = await compileOnImages(model, batchSize, (pixels) => {
    const embedded = embed(model, pixels);
    return { tokens: embedded.tokens, logits: classify(model, runBlocks(model, embedded).state) };
  });
  try {
    const batches: Batch[] = [];
    for await (const batch of images.batches(batchSize, { signal })) {
      throwIfAborted(signal, 'openCountWalk()');
      const { tokens, logits } = await program.run({ images: batch.images });
      const dense = logits.data as Float32Array;
      requireFinite(dense, 'openCountWalk(): logits of the dense network');
      const state = { tokens: filledUp(tokens, batchSize), positions: range(tokenCount(config)) };
      batches.push({ state, logits: dense });
    }
    requireImages(batches.length, `openCountWalk() on '${images.name}'`, images);
    return batches;
  } finally {
    await program.dispose();
  }
}

/** Pads with zero rows to a whole batch, for programs with a fixed shape. */
function filledUp(tensor: HostTensor, batchSize: number): HostTensor {
  const [rows, ...row] = tensor.shape as [number, ...number[]];
  if (rows === batchSize) return tensor;
  const data = new Float32Array(batchSize * sizeOf(row));
  data.set(tensor.data);
  return float32([batchSize, ...row], data);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => number): T[][] {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()];
}
