/** The same pipeline on every backend that runs in Node gives the same plan and the same logits. */

import { createReferenceBackend } from '@patchslim/tensor/reference';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallCheckpoint, smallTensors } from '../small-model.js';
import { expectSameResult } from './compare.js';
import { nodeBackends } from './node-backends.js';
import { runPipeline, settings, type PipelineResult } from './run-pipeline.js';

describe.each(settings)('pipeline with $schedule', (setting) => {
  const images = smallTensors(5);
  let wanted: PipelineResult;
  beforeAll(async () => {
    wanted = await runPipeline(createReferenceBackend(), await smallCheckpoint(), images, setting);
  });

  it('slims', () => {
    const kept = wanted.blocks.map((block) => (block.kind === 'keep' ? block.keep.length : 17));
    expect(kept[2]).toBeLessThan(17);
    expect(kept[3]).toBe(1);
  });

  it.each(nodeBackends)('on %s', async (_, open) => {
    const backend = await open();
    expectSameResult(await runPipeline(backend, await smallCheckpoint(), images, setting), wanted);
    await backend.close();
  });
});
