/** The gradients of one block of a vision transformer, computed by this repository and by TensorFlow.js. */

import {
  createRandom,
  disposeAll,
  float32,
  mean,
  mul,
  sizeOf,
  sub,
  tensorsIn,
  valueAndGrad,
  type Backend,
  type Shape,
} from '@patchslim/tensor';
import { tfjsBlock } from '@patchslim/testing';
import {
  densePlan,
  mapParams,
  paramShapes,
  runBlocks,
  type BlockParams,
  type VitConfig,
} from '@patchslim/vit-models';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';

/** 10 tokens. */
const config: VitConfig = {
  name: 'one block',
  imageSize: 12,
  patchSize: 4,
  width: 12,
  depth: 1,
  heads: 3,
  mlpWidth: 24,
  classes: 2,
  layerNormEps: 1e-6,
};
/** `[B, N, D]`. */
const shape: Shape = [2, 10, config.width];

const random = createRandom(5);
const noise = (shape: Shape, around = 0) =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => around + 2 * random() - 1),
  );
const [input, target] = [noise(shape), noise(shape)];
/** Parameters on the host; only the block's are used. */
const hostParams = mapParams(paramShapes(config), (shape) => noise(shape));

export interface BlockGradients {
  readonly loss: number;
  /** By name: `query.weight`, …, and `input`. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** The parameters of a block with their names, in the order in which `tensorsIn` finds them. */
const leavesOf = <T>(block: BlockParams<T>): (readonly [name: string, leaf: T])[] =>
  Object.entries(block as unknown as Record<string, Record<string, T>>).flatMap(([part, leaves]) =>
    Object.entries(leaves).map(([name, leaf]) => [`${part}.${name}`, leaf] as const),
  );

/** Gradients of the block of `@patchslim/vit-models` by `valueAndGrad`; the loss is the mean squared distance from noise. */
export async function gradientsOn(backend: Backend): Promise<BlockGradients> {
  const params = mapParams(hostParams, (host) => backend.constant(host));
  const [x, y] = [backend.constant(input), backend.constant(target)];
  const wanted = [...tensorsIn(params.blocks), x];
  const { value, grads } = valueAndGrad(backend, wanted, () => {
    const positions = Array.from({ length: shape[1]! }, (_, i) => i);
    const result = runBlocks({ config, params }, { tokens: x, positions }, { plan: densePlan(config) });
    const distance = sub(result.state.tokens, y);
    return mean(mul(distance, distance), [0, 1, 2]);
  });
  const values = await Promise.all(grads.map(async (grad) => Float32Array.from(await grad.data())));
  const [loss] = await value.data();
  disposeAll([params, x, y, value, grads]);
  return named(loss!, values);
}

/** Gradients of a block in tfjs's ops by `tf.variableGrads` and `tf.grad`. Call `registerTfjsGradients` first. */
export async function gradientsOfTfjs(tfBackend: 'cpu' | 'wasm'): Promise<BlockGradients> {
  await tf.setBackend(tfBackend);
  Object.assign(tf.backend(), { firstUse: false }); // suppresses the advice to use another backend
  const params = mapParams(hostParams, ({ data, shape }) => tf.variable(tf.tensor(data, [...shape])));
  const block = params.blocks[0]!;
  const wanted = leavesOf(block).map(([, variable]) => variable);
  const [x, y] = [input, target].map(({ data, shape }) => tf.tensor(data, [...shape]));
  const lossOf = (x: tf.Tensor): tf.Scalar =>
    tf.mean(tf.squaredDifference(tfjsBlock(tf, block, x, config), y!));
  const { value, grads } = tf.variableGrads(() => lossOf(x!), wanted);
  const all = [...wanted.map(({ name }) => grads[name]!), tf.grad(lossOf)(x!)];
  const values = await Promise.all(all.map((grad) => grad.data<'float32'>()));
  const [loss] = await value.data();
  tf.disposeVariables();
  tf.dispose([value, all, x!, y!]);
  return named(loss!, values);
}

function named(loss: number, values: readonly Float32Array[]): BlockGradients {
  const names = leavesOf(hostParams.blocks[0]!).map(([name]) => name);
  return { loss, gradients: new Map([...names, 'input'].map((name, i) => [name, values[i]!])) };
}
