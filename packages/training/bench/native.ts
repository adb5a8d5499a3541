/** This package's training step, and its forward pass, on native ONNX Runtime. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { disposeAll, type Tensor } from '@patchslim/tensor';
import { densePlan, mapParams, runBlocks, type VitParams } from '@patchslim/vit-models';
import { adamW, createTrainer, meanSquaredError } from '../src/index.js';
import { batch, config, params, rate, shape } from './setup.js';

const positions = Array.from({ length: shape[1]! }, (_, i) => i);

export async function createNative() {
  const backend = await createOnnxBackend();
  const start = mapParams(params, (host) => backend.constant(host));
  const block = (blocks: VitParams<Tensor>['blocks'], x: Tensor): Tensor => {
    const network = { config, params: { ...start, blocks } };
    return runBlocks(network, { tokens: x, positions }, { plan: densePlan(config) }).state.tokens;
  };
  const x = backend.constant(batch.x);
  const program = await backend.compile((inputs) => ({ y: block(start.blocks, inputs.x) }), { x });
  const trainer = await createTrainer({
    backend,
    params: start.blocks,
    inputs: batch,
    loss: (blocks, inputs) => meanSquaredError(block(blocks, inputs.x), inputs.y),
    optimizer: adamW(),
  });
  return {
    forward: async () => disposeAll({ ...(await program.run({ x })) }),
    step: async () => (await trainer.step(batch, rate)).loss,
  };
}
