/** The one way from a public op function to a backend: check, then run the kernel or the decomposition. */

import { scope } from './backend.js';
import { isPatchslimError, PatchslimError } from './errors.js';
import type { TensorSpec } from './host.js';
import type { Kernel, OpAttrs, OpDefinition, OpName } from './op.js';
import { Tensor } from './tensor.js';

/** Applies an op to tensors of one backend. Shapes and dtypes are checked here, once. */
export function apply<N extends OpName>(
  definition: OpDefinition<N>,
  inputs: readonly Tensor[],
  attrs: OpAttrs[N],
): Tensor {
  const first = inputs[0];
  if (!first) throw new PatchslimError('INVALID_ARGUMENT', `${definition.name}(): needs at least one tensor`);
  const { backend } = first;
  if (inputs.some((input) => input.backend !== backend)) {
    const names = inputs.map((input) => input.backend.name).join(', ');
    throw new PatchslimError('INVALID_ARGUMENT', `${definition.name}(): tensors of different backends: ${names}`);
  }
  const output = inferAt(definition, inputs, attrs, backend.path);
  const kernel = backend.kernels[definition.name] as Kernel<N> | undefined;
  if (kernel) {
    const handle = kernel({ op: definition.name, inputs, attrs, output, path: backend.path });
    return new Tensor(backend, handle, output.shape, output.dtype);
  }
  if (definition.decompose) {
    const { decompose } = definition;
    return scope(backend, () => decompose(inputs, attrs));
  }
  throw new PatchslimError('UNSUPPORTED_OP', `${definition.name}(): not supported by backend '${backend.name}'`, {
    op: definition.name,
    backend: backend.name,
  });
}

function inferAt<N extends OpName>(
  definition: OpDefinition<N>,
  inputs: readonly TensorSpec[],
  attrs: OpAttrs[N],
  path: string,
): TensorSpec {
  try {
    return definition.infer(inputs, attrs);
  } catch (error) {
    if (!isPatchslimError(error) || path === '') throw error;
    throw new PatchslimError(error.code, `${error.message}; in ${path}`, { ...error.details, path }, error);
  }
}
