/**
 * One block of DeiT-Tiny with each reducer, 197 to 150 tokens, relative to the dense block. Random weights, ONNX
 * Runtime on the CPU, alternating rounds.
 */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { createRandom, float32, range, sizeOf, type Shape } from '@patchslim/tensor';
import { compareRuns } from '@patchslim/testing';
import {
  mapParams,
  paramShapes,
  runBlocks,
  tokenCount,
  vitConfig,
  type BlockPlan,
} from '@patchslim/vit-models';
import { createReducer } from '../src/index.js';

const config = { ...vitConfig('deit-tiny'), depth: 1 };
const count = 150;
const score = { name: 'class-attention' } as const;
const reducers = [
  createReducer('top-k', { score }),
  createReducer('top-k', { score, rest: 'fuse' }),
  createReducer('ward'),
  createReducer('pool'),
  createReducer('tome'),
  createReducer('pitome', { margin: 0.5 }),
  createReducer('mctf'),
  createReducer('diffrate', { kept: 166 }),
  createReducer('tps'),
  createReducer('zero-tprune', { iterations: 5 }),
];
const entries: readonly BlockPlan[] = [
  { kind: 'dense' },
  ...reducers.map((reducer): BlockPlan => ({ kind: 'reduce', count, reducer })),
];

const backend = await createOnnxBackend();
const random = createRandom(0);
const noise = (shape: Shape) =>
  backend.constant(
    float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => 0.1 * (random() - 0.5)),
    ),
  );
const model = { config, params: mapParams(paramShapes(config), noise) };
const tokens = noise([1, tokenCount(config), config.width]);
const positions = range(tokenCount(config));

const sides = await Promise.all(
  entries.map(async (entry) => {
    const program = await backend.compile(
      (input) => ({
        left: runBlocks(model, { tokens: input.tokens, positions }, { plan: [entry] }).state.tokens,
      }),
      { tokens: { shape: tokens.shape, dtype: 'float32' } },
    );
    const name =
      entry.kind === 'reduce'
        ? [entry.reducer.name, ...('rest' in entry.reducer.options ? ['fuse'] : [])].join(', ')
        : 'dense';
    return { name, program, run: async () => (await program.run({ tokens })).left.dispose() };
  }),
);
await compareRuns(`one block of ${config.name}, ${tokenCount(config)} to ${count} tokens`, sides, 21);
for (const { program } of sides) await program.dispose();
await backend.close();
