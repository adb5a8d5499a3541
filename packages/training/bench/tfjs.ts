/** The same step written in TensorFlow.js, with its WebAssembly backend and its own gradients. */

import { registerTfjsGradients, tfjsBlock } from '@patchslim/testing';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { mapParams } from '@patchslim/vit-models';
import { batch, config, params, rate } from './setup.js';

const [beta1, beta2, epsilon, weightDecay] = [0.9, 0.999, 1e-8, 0.05];

interface Parameter {
  readonly weight: tf.Variable;
  readonly first: tf.Variable;
  readonly second: tf.Variable;
}

/** Creates a function that runs one step and returns the loss before it. */
export async function createTfjsStep(): Promise<() => Promise<number>> {
  await registerTfjsGradients();
  await tf.setBackend('wasm');
  const [x, y] = [batch.x, batch.y].map(({ data, shape }) => tf.tensor(data, [...shape]));
  const parameters: Parameter[] = [];
  const block = mapParams(params, ({ data, shape }) => {
    const weight = tf.variable(tf.tensor(data, [...shape]));
    parameters.push({
      weight,
      first: tf.variable(tf.zerosLike(weight)),
      second: tf.variable(tf.zerosLike(weight)),
    });
    return weight;
  }).blocks[0]!;
  let steps = 0;
  const step = (): tf.Scalar => {
    const { value, grads } = tf.variableGrads(() =>
      tf.mean(tf.square(tf.sub(tfjsBlock(tf, block, x!, config), y!))),
    );
    steps++;
    for (const parameter of parameters) {
      const gradient = grads[parameter.weight.name];
      if (gradient) update(parameter, gradient, steps);
    }
    return value;
  };
  return async () => {
    const loss = tf.tidy(step);
    const [value] = await loss.data();
    loss.dispose();
    return value!;
  };
}

/** AdamW as in src/adam-w.ts. */
function update({ weight, first, second }: Parameter, gradient: tf.Tensor, step: number): void {
  first.assign(tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1)));
  second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
  const size = tf.add(tf.sqrt(tf.mul(second, 1 / (1 - beta2 ** step))), epsilon);
  const direction = tf.div(tf.mul(first, 1 / (1 - beta1 ** step)), size);
  const decay = weight.rank === 2 ? weightDecay : 0;
  weight.assign(tf.sub(weight, tf.mul(tf.add(direction, tf.mul(weight, decay)), rate)));
}
