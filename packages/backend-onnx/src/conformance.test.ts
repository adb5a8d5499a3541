/** The conformance suite of the tensor interface, in both forms. Nothing is excluded. */

import { casesExcept, checkConformance } from '@patchslim/tensor/conformance';
import { describe, expect, it } from 'vitest';
import { createOnnxBackend } from './index.js';

describe.each(['runtime', 'portable'] as const)('form %s', async (form) => {
  const backend = await createOnnxBackend({ form, threads: 1 });

  it.each(casesExcept([]))('$name', async (testCase) => {
    await checkConformance(backend, testCase);
    expect(backend.memory.liveTensors).toBe(0);
  });
});
