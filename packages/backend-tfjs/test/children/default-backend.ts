/** A program that never says which backend of tfjs it wants, and has loaded one. Prints what it gets after ours was open. */

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createWasmBackend } from '../../src/wasm.js';

const selected = () => [tf.engine().backendName ?? 'none', process.listenerCount('unhandledRejection')];
const before = selected();
const backend = await createWasmBackend();
await backend.close();
const after = selected();
Object.assign(tf.findBackend('cpu'), { firstUse: false }); // no advice to use another
const values = [...tf.add(tf.tensor([1, 2]), 1).dataSync()];
console.log(JSON.stringify({ before, after, values, taken: tf.getBackend() }));
