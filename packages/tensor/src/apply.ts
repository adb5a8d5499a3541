/** The only path from a public op function to a backend: check, then run the kernel or the decomposition. */

import type { Backend } from './backend.js';
import { isPatchslimError, PatchslimError } from './errors.js';
import { describe, type TensorSpec } from './host.js';
import { scope } from './memory.js';
import type { Kernel, OpAttrs, OpDefinition, OpName } from './op.js';
import { Tensor, withoutValues } from './tensor.js';

/** Checks the inputs of an op and applies it to tensors of one backend; the result is always a new tensor. */
export function apply<N extends OpName>(
  definition: OpDefinition<N>,
  inputs: readonly Tensor[],
  attrs: OpAttrs[N],
): Tensor {
  const first = inputs[0];
  if (!first) throw new PatchslimError('INVALID_ARGUMENT', `${definition.name}(): needs at least one tensor`);
  const { backend } = first;
  const output = check(definition, inputs, attrs, backend);
  const { tape } = backend;
  // The tape records the op itself if it has a gradient; otherwise its parts, which pass through here one by one.
  if (tape && output.dtype === 'float32' && inputs.some((input) => tape.depends(input))) {
    if (!tape.hasGradient(definition.name)) return decomposed(definition, inputs, attrs, backend);
    const result = backend.withTape(undefined, () => computed(definition, inputs, attrs, output));
    tape.record({ op: definition.name, inputs, attrs, output: result, path: backend.path });
    return result;
  }
  return computed(definition, inputs, attrs, output);
}

/** Runs the backend's kernel; without one, the decomposition. */
function computed<N extends OpName>(
  definition: OpDefinition<N>,
  inputs: readonly Tensor[],
  attrs: OpAttrs[N],
  output: TensorSpec,
): Tensor {
  const { backend } = inputs[0]!;
  if (backend.dry) return withoutValues(backend, output.shape, output.dtype);
  const kernel = backend.kernels[definition.name] as Kernel<N> | undefined;
  if (!kernel) return decomposed(definition, inputs, attrs, backend);
  const handle = kernel({ op: definition.name, inputs, attrs, output, path: backend.path });
  return new Tensor(backend, handle, output.shape, output.dtype);
}

function decomposed<N extends OpName>(
  definition: OpDefinition<N>,
  inputs: readonly Tensor[],
  attrs: OpAttrs[N],
  backend: Backend,
): Tensor {
  if (definition.decompose) return scope(backend, () => definition.decompose!(inputs, attrs));
  throw new PatchslimError(
    'UNSUPPORTED_OP',
    `${definition.name}(): not supported by backend '${backend.name}'`,
    {
      op: definition.name,
      backend: backend.name,
    },
  );
}

/** Infers shape and dtype of the result; errors include the path in the model. */
function check<N extends OpName>(
  definition: OpDefinition<N>,
  inputs: readonly Tensor[],
  attrs: OpAttrs[N],
  backend: Backend,
): TensorSpec {
  try {
    requireUsable(definition.name, inputs, backend);
    return definition.infer(inputs, attrs);
  } catch (error) {
    const { path } = backend;
    if (!isPatchslimError(error) || path === '') throw error;
    throw new PatchslimError(error.code, `${error.message}; in ${path}`, { ...error.details, path }, error);
  }
}

function requireUsable(op: OpName, inputs: readonly Tensor[], backend: Backend): void {
  for (const input of inputs) {
    if (input.backend !== backend) {
      const names = inputs.map((each) => each.backend.name).join(', ');
      throw new PatchslimError('INVALID_ARGUMENT', `${op}(): tensors of different backends: ${names}`, {
        op,
      });
    }
    if (input.disposed) {
      throw new PatchslimError('DISPOSED', `${op}(): ${describe(input)} was used after it was disposed`, {
        op,
      });
    }
  }
}
