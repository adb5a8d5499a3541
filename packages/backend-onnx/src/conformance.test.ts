/** The conformance suite of the tensor interface, in both forms. Nothing is excluded. */

import { conformanceTests } from '@patchslim/tensor/conformance';
import { describe, expect, it } from 'vitest';
import { createOnnxBackend } from './index.js';

describe.each([
  ['native ONNX Runtime', 'runtime'],
  ['native ONNX Runtime, portable form', 'portable'],
] as const)('conformance of %s', async (_, form) => {
  const backend = await createOnnxBackend({ form, threads: 1 });

  it.each(conformanceTests([]))('$name', async ({ run }) => {
    await run(backend);
    expect(backend.memory.liveTensors).toBe(0);
  });
});
