/** Counts the threads that an open session adds to its process; Linux lists them. */

import { neg } from '@patchslim/tensor';
import { countThreads } from '@patchslim/testing/platform';
import { createOnnxBackend } from '../../src/index.js';

const backend = await createOnnxBackend();
const before = countThreads();
const program = await backend.compile(({ x }) => ({ y: neg(x) }), { x: { shape: [1], dtype: 'float32' } });
const added = countThreads() - before;
await program.dispose();
await backend.close();
console.log(JSON.stringify({ threads: backend.threads, added }));
