/** Reverse-mode differentiation over the op table. Gradients are made of the same ops, so they run on every backend. */

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
  /** What `fn` gave, a scalar. */
  readonly value: Tensor;
  /** The gradient of `value` by each of the tensors asked for, of their shapes; zero where it does not depend on one. */
  readonly grads: readonly Tensor[];
}

/**
 * Runs `fn` and differentiates its result by `wrt`, tensors that `fn` uses. Also inside `compile`: forward pass,
 * backward pass and the update of an optimiser become one program.
 *
 * Everything that `fn` computes stays in memory until the gradients are there.
 *
 * @throws `SHAPE_MISMATCH` when `fn` gives no float32 scalar; `INVALID_ARGUMENT` within another `valueAndGrad`, which would
 *   not see through it; what `fn` throws
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
        `valueAndGrad(): expected a function that gives float32[], got ${describe(value)}`,
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

/** Gradients by tensor, from the value backwards. */
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

/** One tensor each: an op may pass one gradient on to several inputs. */
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
