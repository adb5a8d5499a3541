import { abs, add, exp, log, maximum, neg, type Tensor } from '@patchslim/tensor';

/** `log(1 + exp(x))`, without overflow. */
export const softplus = (x: Tensor): Tensor => add(maximum(x, 0), log(add(exp(neg(abs(x))), 1)));
