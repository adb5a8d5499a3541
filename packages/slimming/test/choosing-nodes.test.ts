/** How many ONNX operators a block records to choose tokens, beside those of a dense block: they cost more than their work. */

import { createOnnxRecorder, type Form } from '@patchslim/backend-onnx';
import { forward, type BlockPlan } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { reduceTo } from './reduce-to.js';
import { smallModel } from './small-model.js';

const ward = ['ward', { deal: 'checkerboard', norms: 'kept' }] as const;

/** The second block chooses among rows that have sizes and were chosen before. */
const plan: readonly BlockPlan[] = [
  reduceTo(14, ...ward),
  reduceTo(11, ...ward),
  { kind: 'dense' },
  { kind: 'dense' },
];

it.each<readonly [Form, images: number, nodes: number]>([
  ['runtime', 1, 51],
  // Two constants are expanded to the batch, when the session is opened.
  ['runtime', 8, 53],
  ['portable', 1, 54],
  ['webgpu', 1, 64],
])('form %s, batch %i: at most %i more', async (form, images, nodes) => {
  const recorder = createOnnxRecorder({ form });
  const model = await smallModel(recorder);
  const side = model.config.imageSize;
  const nodesOf = (blocks: readonly BlockPlan[] | undefined): number => {
    const graph = recorder.record(
      (inputs) => ({ logits: forward(model, inputs.images, { plan: blocks }).logits }),
      { images: { shape: [images, 3, side, side], dtype: 'float32' } },
    );
    return graph.nodes.filter(({ path }) => path.startsWith('blocks.1/') || path === 'blocks.1').length;
  };
  expect(nodesOf(plan) - nodesOf(undefined)).toBeLessThanOrEqual(nodes);
});
