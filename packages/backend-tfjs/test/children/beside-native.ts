/** A program that uses tfjs itself around calls of the native backend. Prints the state before and after, and results. */

import { add, float32, matMul } from '@patchslim/tensor';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { Module } from 'node:module';
import { openNative } from '../native-backend.js';

const theirs = process.env['PATCHSLIM_TEST_BACKEND']!;
await tf.setBackend(theirs);
Object.assign(tf.backend(), { firstUse: false }); // suppresses the advice to use another backend
const instance = tf.backend();
const require = Reflect.get(Module.prototype, 'require') as unknown;
const state = () => ({
  backend: tf.getBackend(),
  same: [tf.backend() === instance, Reflect.get(Module.prototype, 'require') === require],
  flags: { ...tf.env().getFlags() },
  variable: process.env['TF_CPP_MIN_LOG_LEVEL'],
  listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
});

const before = state();
const factor = tf.tensor([1, 2, 3, 4], [2, 2]);
const backend = await openNative();
const x = backend.constant(float32([2, 2], [1, 2, 3, 4]));
const product = tf.matMul(factor, factor);
const y = matMul(x, x);
const values = [...(await product.data())];
const ours = [...(await add(y, 1).data())];
await backend.close();
console.log(JSON.stringify({ before, after: state(), values, ours }));
