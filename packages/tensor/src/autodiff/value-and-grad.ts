/** Reverse-mode differentiation over the op table. Gradients use the same ops, so they run on every backend. */

import type { Backend } from '../backend.js';
import { PatchslimError } from '../errors.js';
import { describe, float32 } from '../host.js';
import { scope } from '../memory.js';
import { add } from '../ops/elementwise.js';
import { broadcastTo, reshape } from '../ops/movement.js';
import type { Tensor } from '../tensor.js';
import { gradientOf } from './gradients/index.js';
import type { Tape, TapeEntry } from './tape.js';

/** A scalar and its gradients. */
export interface ValueAndGrad {
  /** The scalar result of `fn`. */
  readonly value: Tensor;
  /** The gradient of `value` with respect to each tensor of `wrt`, in its shape; zeros if `value` does not depend on it. */
  readonly grads: readonly Tensor[];
}

/**
 * Runs `fn` and differentiates its result with respect to `wrt`, tensors that `fn` uses. Inside `compile`, forward pass,
 * backward pass and optimiser step become one program.
 *
 * All intermediate results of `fn` stay in memory until the gradients are computed.
 *
 * @throws `SHAPE_MISMATCH` when `fn` does not return a float32 scalar; `INVALID_ARGUMENT` inside another `valueAndGrad`
 *   (gradients of gradients are not supported); errors of `fn`
 * @example
 * const { value, grads: [dw] } = valueAndGrad(backend, [w], () => mean(mul(sub(matMul(x, w), y), sub(matMul(x, w), y))));
 */
export function valueAndGrad(backend: Backend, wrt: readonly Tensor[], fn: () => Tensor): ValueAndGrad {
  if (backend.tape) {
    throw new PatchslimError('INVALID_ARGUMENT', 'valueAndGrad(): gradients of gradients are not supported');
  }
  return scope(backend, () => {
    const { tape, entries } = createTape(wrt);
    const value = backend.withTape(tape, fn);
    if (value.shape.length > 0 || value.dtype !== 'float32') {
      throw new PatchslimError(
        'SHAPE_MISMATCH',
        `valueAndGrad(): expected a function that returns float32[], got ${describe(value)}`,
      );
    }
    const grads = walkBack(backend, value, entries, tape);
    return { value, grads: own(wrt.map((tensor) => grads.get(tensor) ?? zerosLike(tensor))) };
  });
}

function createTape(wrt: readonly Tensor[]): { tape: Tape; entries: readonly TapeEntry[] } {
  const active = new Set(wrt);
  const entries: TapeEntry[] = [];
  return {
    entries,
    tape: {
      depends: (tensor) => active.has(tensor),
      hasGradient: (op) => gradientOf(op) !== undefined,
      record(entry) {
        active.add(entry.output);
        entries.push(entry);
      },
    },
  };
}

/** Computes the gradient of each tensor, from the value backwards. */
function walkBack(
  backend: Backend,
  value: Tensor,
  entries: readonly TapeEntry[],
  tape: Tape,
): ReadonlyMap<Tensor, Tensor> {
  const grads = new Map<Tensor, Tensor>([[value, backend.constant(float32([], [1]))]]);
  for (const entry of entries.toReversed()) {
    const grad = grads.get(entry.output);
    if (!grad) continue;
    backend.within(entry.path === '' ? 'grad' : `${entry.path}/grad`, () => {
      const parts = gradientOf(entry.op)!(entry, grad);
      for (const [i, input] of entry.inputs.entries()) {
        const part = tape.depends(input) ? parts[i]?.() : undefined;
        if (!part) continue;
        const earlier = grads.get(input);
        grads.set(input, earlier ? add(earlier, part) : part);
      }
    });
  }
  return grads;
}

/** Makes each gradient a separate tensor: an op may return one gradient for several inputs. */
function own(grads: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>();
  return grads.map((grad) => {
    if (!seen.has(grad)) {
      seen.add(grad);
      return grad;
    }
    return reshape(grad, grad.shape);
  });
}

const zerosLike = ({ backend, shape }: Tensor): Tensor =>
  broadcastTo(backend.constant(float32([], [0])), shape);
