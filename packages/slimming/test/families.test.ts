/** Every method on a network like those of each family: its plan runs, and gives what plain loops give. */

import { blocksFor } from '@patchslim/slimming-schedules';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { familyConfigs, plainForward } from '@patchslim/testing';
import {
  forward,
  placeModel,
  prefixTokens,
  readParams,
  readsPatches,
  tokenCount,
  type VitConfig,
} from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { methods, slim } from '../src/index.js';
import { largestDifference } from './backends/compare.js';
import { checkpointFor, imagesFor } from './small-model.js';

/** Counts for shares of the patches, as a schedule. */
const countsFor = (config: VitConfig, shares: readonly number[]): string => {
  const prefix = prefixTokens(config);
  const patches = tokenCount(config) - prefix;
  return `counts:${shares.map((share) => prefix + Math.ceil(share * patches)).join(',')}`;
};

/** The last block leaves patches only to a head that reads them. */
const usual = (config: VitConfig) => countsFor(config, [0.6, readsPatches(config) ? 0.4 : 0]);
const patchesLeft = (config: VitConfig) => countsFor(config, [0.6, 0.4]);
const noPatchLeft = (config: VitConfig) => countsFor(config, [0.6, 0]);
const topDown = () => 'top-down:tolerance=0.2,granularity=2,norm=relative';

interface Refusal {
  readonly of: (config: VitConfig) => boolean;
  readonly reason: RegExp;
}
const needsPatch: Refusal = {
  of: readsPatches,
  reason: /leaves no patch, and the head reads patches|expected counts from/,
};
const reads: Refusal = {
  of: (config) => !readsPatches(config),
  reason: /in the last block, because the classifier reads nothing else/,
};
const searches: Refusal = {
  of: readsPatches,
  reason: /reads every token, so there is no smallest set to begin with; use budget, counts or keep-ratio/,
};

interface Request {
  readonly method: string;
  readonly title: string;
  readonly scheduleFor: (config: VitConfig) => string;
  readonly refusal?: Refusal;
}

/** Every method by its name, the other readings of the paper, and what is refused. */
const requests: readonly Request[] = [
  ...methods.map(({ name }) => ({ method: name, title: 'counts', scheduleFor: usual })),
  { method: 'patch-slimming', title: 'its search', scheduleFor: topDown, refusal: searches },
  { method: 'patch-slimming:keys=all,deeperBlocks=slimmed', title: 'counts', scheduleFor: usual },
  ...[
    { method: 'patch-slimming', refusal: reads },
    { method: 'dps', refusal: reads },
    { method: 'tome' },
  ].map((one) => ({ ...one, title: 'counts that leave patches', scheduleFor: patchesLeft })),
  ...['patch-slimming', 'evit'].map((method) => {
    return { method, title: 'counts that leave no patch', scheduleFor: noPatchLeft, refusal: needsPatch };
  }),
];

describe.each<VitConfig>(familyConfigs)('a network like $name', (whole) => {
  const config = { ...whole, depth: 2 };
  const images = imagesFor(config, 3);

  it.each(requests)('slimmed by $method with $title equals plain loops', async (request) => {
    const { method, scheduleFor, refusal } = request;
    const schedule = scheduleFor(config);
    const checkpoint = await checkpointFor(config);
    const model = placeModel(createReferenceBackend(), checkpoint);
    const made = slim(model, images, { method, schedule, calibrate: 3, batchSize: 3 });
    // Whatever else is refused fails here.
    if (refusal?.of(config)) return expect(made).rejects.toThrow(refusal.reason);
    const { plan } = await made;
    expect(plan.blocks.some(({ kind }) => kind !== 'dense')).toBe(true);
    const blocks = blocksFor(plan, model);
    const params = readParams(config, checkpoint.tensors);
    for await (const { images: pixels } of images.batches(3)) {
      const { logits } = forward(model, model.backend.constant(pixels), { plan: blocks });
      const wanted = Array.from({ length: 3 }, (_, i) => {
        const size = pixels.data.length / 3;
        return plainForward(config, params, pixels.data.subarray(i * size, (i + 1) * size), blocks).logits;
      }).flat();
      expect(largestDifference((await logits.data()) as Float32Array, wanted)).toBeLessThan(1e-4);
    }
  });
});
