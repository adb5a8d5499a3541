/** The conformance suite: every op on fixed values, against hand-written values or the float64 reference. */

import { checkConformance, conformanceCases } from '@patchslim/tensor/conformance';
import type { Backend } from '@patchslim/tensor';

export async function conformance(backend: Backend, cases: number) {
  const chosen = conformanceCases.slice(0, cases);
  const failures: { case: string; error: string }[] = [];
  for (const each of chosen) {
    const before = backend.memory.liveTensors;
    try {
      await checkConformance(backend, each);
      const { liveTensors } = backend.memory;
      if (liveTensors !== before) throw new Error(`leaves ${liveTensors - before} tensors behind`);
    } catch (error) {
      failures.push({ case: each.name, error: firstLine(error) });
    }
  }
  return { cases: chosen.length, passed: chosen.length - failures.length, failures };
}

export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 500) ||
  'an error without a message';
