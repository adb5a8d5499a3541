/** Compares a backend with the reference backend on a small slimmed transformer. */

import { runOnHost, type Backend } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { createTransformer, random, small } from './transformer.js';

/** Tokens are selected per image at run time, to cover most kinds of op. */
const sizes = { ...small, keep: 4 };
const patches = random([3, sizes.tokens - 1, sizes.width], 7);

/** The largest |difference| of the logits. */
export async function differenceFromReference(backend: Backend): Promise<number> {
  const [logits, expected] = [await logitsOn(backend), await logitsOn(createReferenceBackend())];
  return Math.max(...expected.map((value, i) => Math.abs(value - logits[i]!)));
}

async function logitsOn(backend: Backend): Promise<number[]> {
  const program = await backend.compile(createTransformer(backend, sizes), { patches });
  const { logits } = await runOnHost(backend, program, { patches });
  await program.dispose();
  return [...logits.data];
}
