/** Compares the portable tfjs backends on the forward pass of a small transformer. */

import { disposeAll, type Backend } from '@patchslim/tensor';
import { compareRuns, type Side } from '@patchslim/testing';
import { createCpuBackend } from '../src/cpu.js';
import { createWasmBackend } from '../src/wasm.js';
import { createTransformer, random } from '../test/transformer.js';

const sizes = { tokens: 50, width: 96, heads: 3, blocks: 4, classes: 10 };

async function forward(name: string, backend: Backend): Promise<Side> {
  const patches = backend.constant(random([1, sizes.tokens - 1, sizes.width], 1));
  const program = await backend.compile(createTransformer(backend, sizes), { patches });
  return { name, run: async () => disposeAll({ ...(await program.run({ patches })) }) };
}

await compareRuns('forward pass of a small transformer', [
  await forward('tfjs wasm', await createWasmBackend()),
  await forward('tfjs cpu', await createCpuBackend()),
]);
