/**
 * A step of AdamW on one block of DeiT-Ti, batch 8, against its forward pass, and against TensorFlow.js with its own
 * gradients. Prints ratios of alternating runs.
 */

import { compareRuns } from '@patchslim/testing';
import { createNative } from './native.js';
import { createTfjsStep } from './tfjs.js';

const native = await createNative();
await compareRuns('one block of DeiT-Ti, batch 8, native', [
  { name: 'forward pass', run: native.forward },
  { name: 'step of AdamW', run: native.step },
]);

const [fresh, tfjsStep] = [await createNative(), await createTfjsStep()];
for (let step = 1; step <= 3; step++) {
  const [here, there] = [await fresh.step(), await tfjsStep()];
  if (Math.abs(here - there) > 1e-4 * there) throw new Error(`step ${step}: loss ${here}, of tfjs ${there}`);
}
await compareRuns(
  'the same step with TensorFlow.js',
  [
    { name: 'native', run: fresh.step },
    { name: 'tfjs, wasm', run: tfjsStep },
  ],
  7,
  1,
);
