/** No program and no tensor stays on a backend when something fails half-way. */

import { createTrainer, sgd } from '@patchslim/training';
import { mul, sum, type Tensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { losslessPlan, placeModel } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { countPrograms, refuseUpload, type Trouble } from '../test/count-programs.js';
import { config, smallCheckpoint, smallModel, smallTensors } from '../test/small-model.js';
import { compareSpeed } from './compare-speed.js';
import { measureLatency } from './latency/measure-latency.js';
import { createAdaptedNetwork } from './learn/adapted-network.js';
import { hostParams } from './learn/host-params.js';
import { parseMethod } from './methods/methods.js';
import { leastSquares } from './recover/least-squares.js';
import { recover } from './recover/recover.js';
import { openCountWalk } from './search/walk-counts.js';

const plan = losslessPlan(config);
const { blockOf } = parseMethod('ward');
const slimmed = plan.map((entry, block) =>
  block > 0 && entry.kind === 'dense' ? ({ kind: 'keep', keep: [0, 1, 2], keys: 'compact' } as const) : entry,
);

describe('programs', () => {
  const measure = { runs: 1 };
  const work = {
    compareSpeed: (model) => compareSpeed(model, plan, { batches: [1], ...measure }),
    measureLatency: (model) => measureLatency(model, blockOf, measure),
    // Batches of two and of one: two programs.
    leastSquares: (model) =>
      leastSquares().recover(model, model, slimmed, {
        images: smallTensors(3),
        heldBack: smallTensors(3),
        batchSize: 2,
        seed: 0,
      }),
    async openCountWalk(model) {
      const walk = await openCountWalk(model, blockOf, smallTensors(2), { batchSize: 2 });
      try {
        await walk.divergences([[17, 17, 12, 1]]);
      } finally {
        await walk.close();
      }
    },
  } satisfies Record<string, (model: Awaited<ReturnType<typeof smallModel>>) => Promise<unknown>>;
  const cases: readonly (readonly [keyof typeof work, Trouble])[] = [
    ['compareSpeed', { compile: 2 }],
    ['compareSpeed', { dispose: 1 }],
    ['measureLatency', { compile: 2 }],
    ['measureLatency', { compile: 6 }],
    ['measureLatency', { dispose: 1 }],
    ['leastSquares', { compile: 2 }],
    ['leastSquares', { dispose: 1 }],
    ['openCountWalk', { compile: 4 }],
    ['openCountWalk', { dispose: 2 }],
  ];

  it.each(cases)('%s disposes of everything when %j fails', async (name, trouble) => {
    const model = await smallModel();
    const live = model.backend.memory.liveTensors;
    const programs = countPrograms(model.backend, trouble);
    await expect(work[name](model)).rejects.toThrow(/fails, for a test/);
    expect(programs.live).toBe(0);
    expect(model.backend.memory.liveTensors).toBe(live);
  });
});

describe('tensors', () => {
  it('a model that does not fit on the backend leaks nothing', async () => {
    const backend = createReferenceBackend();
    const checkpoint = await smallCheckpoint();
    refuseUpload(backend, 5);
    expect(() => placeModel(backend, checkpoint)).toThrow(/fails, for a test/);
    expect(backend.memory.liveTensors).toBe(0);
  });

  it('adapted weights that do not fit leak nothing, in a block and in a recovery', async () => {
    const model = await smallModel();
    const live = model.backend.memory.liveTensors;
    const params = await hostParams(model.params);
    const network = createAdaptedNetwork(model);
    refuseUpload(model.backend, 3);
    const block = Object.values<object>({ ...params.blocks[0]! }).flatMap((part) =>
      Object.values<unknown>({ ...part }),
    );
    expect(() => network.adapt(0, block as never)).toThrow(/fails, for a test/);
    expect(model.backend.memory.liveTensors).toBe(live);

    refuseUpload(model.backend, 3);
    const context = { images: smallTensors(2), heldBack: smallTensors(2), batchSize: 2, seed: 0 };
    await expect(recover(model, params, plan, [leastSquares()], context)).rejects.toThrow(/for a test/);
    expect(model.backend.memory.liveTensors).toBe(live);
  });

  it('a trainer whose state does not fit leaks nothing, on creation and in a step', async () => {
    const model = await smallModel();
    const { backend } = model;
    const params = [model.params.norm!.gamma, model.params.norm!.beta];
    const options = {
      ...{ backend, params, optimizer: sgd({ momentum: 0.9 }) },
      inputs: { x: { shape: [config.width], dtype: 'float32' } },
      loss: ([a, b]: readonly Tensor[], { x }: { readonly x: Tensor }) => sum(mul(mul(a!, b!), x)),
    } as const;
    const live = backend.memory.liveTensors;
    const trainer = await createTrainer(options);
    const training = backend.memory.liveTensors;
    refuseUpload(backend, 2);
    const x = { shape: [config.width], dtype: 'float32', data: new Float32Array(config.width) } as const;
    await expect(trainer.step({ x }, 0.1)).rejects.toThrow(/for a test/);
    expect(backend.memory.liveTensors).toBe(training);
    await trainer.dispose();
    expect(backend.memory.liveTensors).toBe(live);
    refuseUpload(backend, 3);
    await expect(createTrainer(options)).rejects.toThrow(/for a test/);
    expect(backend.memory.liveTensors).toBe(live);
  });
});
