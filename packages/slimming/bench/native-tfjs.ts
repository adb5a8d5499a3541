/**
 * DeiT-Tiny on libtensorflow in Node beside ONNX Runtime on the CPU, dense and slimmed, in turn. `npm run rarely-run -w docs -- tfjs-node`
 * runs it; PATCHSLIM_TFJS_BACKEND=tfjs-node-gpu takes CUDA. The native part must be there: `patchslim setup`.
 */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { createNodeBackend } from '@patchslim/backend-tfjs/node';
import { createNodeGpuBackend } from '@patchslim/backend-tfjs/node-gpu';
import { figure5Counts } from '@patchslim/slimming-schedules';
import { createRandom, disposeAll, float32, type Backend, type HostTensor } from '@patchslim/tensor';
import { compareRuns, findRealData, type Side } from '@patchslim/testing';
import { forward, fromPretrained, placeModel, type BlockPlan, type Checkpoint } from '@patchslim/vit-models';
import { firstTokens, planOfCounts } from '../src/counted-plan.js';

const name = process.env['PATCHSLIM_TFJS_BACKEND'] ?? 'tfjs-node';
const openNative = name === 'tfjs-node-gpu' ? createNodeGpuBackend : createNodeBackend;
const rounds = 9;

async function sidesOf(
  backend: Backend,
  checkpoint: Checkpoint,
  pixels: HostTensor<'float32'>,
): Promise<readonly Side[]> {
  const model = placeModel(backend, checkpoint);
  const plans: readonly (readonly [string, readonly BlockPlan[] | undefined])[] = [
    ['dense', undefined],
    ['slimmed', planOfCounts(model.config, figure5Counts, firstTokens('compact'))],
  ];
  const images = backend.constant(pixels);
  const sides: Side[] = [];
  for (const [kind, plan] of plans) {
    const program = await backend.compile(
      ({ pixels }) => ({ logits: forward(model, pixels, { plan }).logits }),
      { pixels },
    );
    const run = async (): Promise<void> => {
      const { logits } = await program.run({ pixels: images });
      await logits.data(); // TensorFlow may still be computing when the call returns
      disposeAll([logits]);
    };
    sides.push({ name: `${backend.name}, ${kind}`, run });
  }
  return sides;
}

const data = findRealData();
if (!data) throw new Error('DeiT-Tiny is absent; set PATCHSLIM_DATA');
const checkpoint = await fromPretrained(data.weights);
const random = createRandom(1);
for (const batch of [1, 8]) {
  const pixels = float32([batch, 3, 224, 224], Float32Array.from({ length: batch * 3 * 224 * 224 }, random));
  const backends = [await createOnnxBackend(), await openNative()];
  const sides = (await Promise.all(backends.map((backend) => sidesOf(backend, checkpoint, pixels)))).flat();
  await compareRuns(`DeiT-Tiny, batch ${batch}, time over that of native`, sides, rounds);
  for (const backend of backends) await backend.close();
}
