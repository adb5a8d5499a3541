/** A program that loads a tfjs backend but never selects one. Prints its active backend after ours was open. */

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createWasmBackend } from '../../src/wasm.js';

const selected = () => [tf.engine().backendName ?? 'none', process.listenerCount('unhandledRejection')];
const before = selected();
const backend = await createWasmBackend();
await backend.close();
const after = selected();
Object.assign(tf.findBackend('cpu'), { firstUse: false }); // suppresses the advice to use another backend
const values = [...tf.add(tf.tensor([1, 2]), 1).dataSync()];
console.log(JSON.stringify({ before, after, values, taken: tf.getBackend() }));
