/** The same pipeline on every backend that runs in Node gives the same plan and the same logits. */

import * as ort from 'onnxruntime-node';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { prefixTokens, readsPatches, tokenCount } from '@patchslim/vit-models';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectSameResult, largestDifference, logitTolerance } from './compare.js';
import { nodeBackends } from './node-backends.js';
import { pipelineImages, runPipeline, settings, type PipelineResult } from './run-pipeline.js';

describe.each(settings)('pipeline of $network.name with $schedule', (setting) => {
  const { network } = setting;
  const images = pipelineImages(network);
  let wanted: PipelineResult;
  beforeAll(async () => {
    wanted = await runPipeline(createReferenceBackend(), setting);
  });

  it('slims', () => {
    const tokens = tokenCount(network);
    const kept = wanted.blocks.map((block) => (block.kind === 'keep' ? block.keep.length : tokens));
    expect(kept.at(-2)).toBeLessThan(tokens);
    expect(kept.at(-1)).toBe(readsPatches(network) ? 4 : prefixTokens(network));
  });

  it('exports a file that gives the slimmed logits', async () => {
    const session = await ort.InferenceSession.create(wanted.onnx, { intraOpNumThreads: 1 });
    const logits: number[] = [];
    for await (const { images: image } of images.batches(1)) {
      const result = await session.run({ images: new ort.Tensor('float32', image.data, image.shape) });
      logits.push(...(result['logits']!.data as Float32Array));
    }
    await session.release();
    expect(largestDifference(logits.slice(0, wanted.slimmed.length), wanted.slimmed)).toBeLessThan(
      logitTolerance,
    );
    expect(largestDifference(wanted.slimmed, wanted.dense)).toBeGreaterThan(10 * logitTolerance);
  });

  it.each(nodeBackends)('on %s', async (_, open) => {
    const backend = await open();
    expectSameResult(await runPipeline(backend, setting), wanted);
    await backend.close();
  });
});
