/** Counts the threads that an open session adds to its process; Linux lists them. */

import { readdirSync } from 'node:fs';
import { neg } from '@patchslim/tensor';
import { createOnnxBackend } from '../../src/index.js';

const running = (): number => readdirSync('/proc/self/task').length;

const backend = await createOnnxBackend();
const before = running();
const program = await backend.compile(({ x }) => ({ y: neg(x) }), { x: { shape: [1], dtype: 'float32' } });
const added = running() - before;
await program.dispose();
await backend.close();
console.log(JSON.stringify({ threads: backend.threads, added }));
