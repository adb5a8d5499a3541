/** Child process: a small slimmed transformer on the WebGPU provider and on the CPU. Prints the largest difference. */

import { runOnHost } from '@patchslim/tensor';
import { createOnnxBackend } from '../../src/index.js';
import { createTransformer, random, small } from '../transformer.js';

const sizes = { ...small, keep: 4 };
const patches = random([2, sizes.tokens - 1, sizes.width], 1);

async function logitsOn(provider: 'cpu' | 'webgpu'): Promise<ArrayLike<number>> {
  const backend = await createOnnxBackend({ provider, disableCpuFallback: provider === 'webgpu' });
  const program = await backend.compile(createTransformer(backend, sizes), { patches });
  const { logits } = await runOnHost(backend, program, { patches });
  await program.dispose();
  return logits.data;
}

try {
  const [gpu, cpu] = [await logitsOn('webgpu'), await logitsOn('cpu')];
  const difference = Math.max(...Array.from(cpu, (value, i) => Math.abs(value - gpu[i]!)));
  console.log(JSON.stringify({ length: gpu.length, difference }));
} catch (error) {
  console.log(JSON.stringify(error instanceof Error ? { ...error, message: error.message } : error));
}
