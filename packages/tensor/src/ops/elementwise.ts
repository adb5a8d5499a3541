/** Element-wise primitives: one value from one, two or three values at the same position, with NumPy broadcasting. */

import { apply } from '../apply.js';
import { PatchslimError } from '../errors.js';
import { describe, float32, int32, type DType, type HostTensor, type TensorSpec } from '../host.js';
import { scope } from '../memory.js';
import type { OpDefinition, PrimitiveName } from '../op.js';
import { broadcastShapes, fail, requireDType, requireSameDType } from '../shapes.js';
import type { Tensor } from '../tensor.js';

/** A tensor, or a number that stands for a scalar of the other operand's dtype. */
export type Operand = Tensor | number;

const numeric: readonly DType[] = ['float32', 'int32'];

type UnaryName = 'neg' | 'exp' | 'log' | 'sqrt' | 'rsqrt' | 'abs' | 'erf' | 'tanh' | 'sigmoid';
type ArithmeticName = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'pow';
type ComparisonName = 'greater' | 'equal';

function unary<N extends UnaryName>(name: N): OpDefinition<N> {
  return {
    name,
    infer(inputs) {
      requireDType(name, inputs, ['float32']);
      const { shape, dtype } = inputs[0]!;
      return { shape, dtype };
    },
  };
}

function binary<N extends ArithmeticName | ComparisonName>(
  name: N,
  result: (dtype: DType) => DType,
  allowed: readonly DType[] = numeric,
): OpDefinition<N> {
  return {
    name,
    infer(inputs) {
      requireDType(name, inputs, allowed);
      const dtype = requireSameDType(name, inputs);
      return { shape: broadcast(name, inputs), dtype: result(dtype) };
    },
  };
}

function broadcast(name: PrimitiveName, inputs: readonly TensorSpec[]) {
  return inputs
    .map((input) => input.shape)
    .reduce((a, b) => broadcastShapes(a, b) ?? fail(name, 'shapes that broadcast', inputs));
}

const same = (dtype: DType): DType => dtype;
const toBool = (): DType => 'bool';

export const negOp = unary('neg');
export const expOp = unary('exp');
export const logOp = unary('log');
export const sqrtOp = unary('sqrt');
export const rsqrtOp = unary('rsqrt');
export const absOp = unary('abs');
export const erfOp = unary('erf');
export const tanhOp = unary('tanh');
export const sigmoidOp = unary('sigmoid');
export const addOp = binary('add', same);
export const subOp = binary('sub', same);
export const mulOp = binary('mul', same);
export const divOp = binary('div', same, ['float32']);
export const maximumOp = binary('maximum', same);
export const minimumOp = binary('minimum', same);
export const powOp = binary('pow', same, ['float32']);
export const greaterOp = binary('greater', toBool);
export const equalOp = binary('equal', toBool);
export const whereOp: OpDefinition<'where'> = {
  name: 'where',
  infer(inputs) {
    const [condition, ...branches] = inputs;
    requireDType('where', [condition!], ['bool']);
    return { shape: broadcast('where', inputs), dtype: requireSameDType('where', branches) };
  },
};

/** `−x`. */
export const neg = (x: Tensor): Tensor => apply(negOp, [x], {});
/** `eˣ`. */
export const exp = (x: Tensor): Tensor => apply(expOp, [x], {});
/** The natural logarithm. */
export const log = (x: Tensor): Tensor => apply(logOp, [x], {});
/** `√x`. */
export const sqrt = (x: Tensor): Tensor => apply(sqrtOp, [x], {});
/** `1 / √x`. */
export const rsqrt = (x: Tensor): Tensor => apply(rsqrtOp, [x], {});
/** `|x|`. */
export const abs = (x: Tensor): Tensor => apply(absOp, [x], {});
/** The error function. */
export const erf = (x: Tensor): Tensor => apply(erfOp, [x], {});
/** The hyperbolic tangent. */
export const tanh = (x: Tensor): Tensor => apply(tanhOp, [x], {});
/** `1 / (1 + e⁻ˣ)`. */
export const sigmoid = (x: Tensor): Tensor => apply(sigmoidOp, [x], {});

/** `a + b`, with NumPy's broadcasting; a number stands for a scalar. */
export const add = (a: Tensor, b: Operand): Tensor => lifted(a, b, (c) => apply(addOp, [a, c], {}));
/** `a − b`, operands as in `add`. */
export const sub = (a: Tensor, b: Operand): Tensor => lifted(a, b, (c) => apply(subOp, [a, c], {}));
/** `a · b`, operands as in `add`. */
export const mul = (a: Tensor, b: Operand): Tensor => lifted(a, b, (c) => apply(mulOp, [a, c], {}));
/** `a / b`, operands as in `add`. */
export const div = (a: Tensor, b: Operand): Tensor => lifted(a, b, (c) => apply(divOp, [a, c], {}));
/** The larger of both, operands as in `add`. */
export const maximum = (a: Tensor, b: Operand): Tensor => lifted(a, b, (c) => apply(maximumOp, [a, c], {}));
/** The smaller of both, operands as in `add`. */
export const minimum = (a: Tensor, b: Operand): Tensor => lifted(a, b, (c) => apply(minimumOp, [a, c], {}));
/** `aᵇ`, operands as in `add`. */
export const pow = (a: Tensor, b: Operand): Tensor => lifted(a, b, (c) => apply(powOp, [a, c], {}));
/** `a > b`, bool. */
export const greater = (a: Tensor, b: Operand): Tensor => lifted(a, b, (c) => apply(greaterOp, [a, c], {}));
/** `a == b`, bool. */
export const equal = (a: Tensor, b: Operand): Tensor => lifted(a, b, (c) => apply(equalOp, [a, c], {}));
/** `a` where `condition` (bool) holds, else `b`. */
export const where = (condition: Tensor, a: Tensor, b: Operand): Tensor =>
  lifted(a, b, (c) => apply(whereOp, [condition, a, c], {}));

/** Calls `body` with the operand as a tensor; a tensor made from a number is disposed after the call. */
function lifted(like: Tensor, operand: Operand, body: (operand: Tensor) => Tensor): Tensor {
  if (typeof operand !== 'number') return body(operand);
  return scope(like.backend, () => body(like.backend.constant(scalarLike(like, operand))));
}

function scalarLike(like: TensorSpec, value: number): HostTensor {
  if (like.dtype !== 'int32') return float32([], [value]);
  if (Number.isInteger(value)) return int32([], [value]);
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `a number beside ${describe(like)} must be whole, got ${value}`,
  );
}
