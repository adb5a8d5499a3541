/** Scopes: which tensors they keep and dispose, also nested and on a throw. */

import { describe, expect, it } from 'vitest';
import { add, disposeAll, float32, mul, scope, tensorsIn, type Backend, type Tensor } from './index.js';
import { createReferenceBackend } from './reference/index.js';

function setUp(): { backend: Backend; x: Tensor; live: () => number } {
  const backend = createReferenceBackend();
  return { backend, x: backend.constant(float32([2], [1, 2])), live: () => backend.memory.liveTensors };
}

describe('scope', () => {
  it('keeps its result and disposes intermediates', async () => {
    const { backend, x, live } = setUp();
    let between: Tensor | undefined;
    const y = scope(backend, () => mul((between = add(x, 1)), 2));
    expect(between!.disposed).toBe(true);
    expect(live()).toBe(2);
    expect(await y.data()).toEqual(Float32Array.of(4, 6));
  });

  it('keeps tensors inside arrays and objects', () => {
    const { backend, x, live } = setUp();
    const { list, nested } = scope(backend, () => {
      mul(x, 9);
      return { list: [add(x, 1), add(x, 2)], nested: { deep: add(x, 3), note: 'text', count: 3 } };
    });
    expect(live()).toBe(4);
    expect([...list, nested.deep].some((tensor) => tensor.disposed)).toBe(false);
  });

  it('does not touch tensors from outside, even if it returns them', () => {
    const { backend, x, live } = setUp();
    expect(scope(backend, () => x)).toBe(x);
    scope(backend, () => undefined);
    expect(x.disposed).toBe(false);
    expect(live()).toBe(1);
  });

  it('hands results to the scope around it', () => {
    const { backend, x, live } = setUp();
    let inner: Tensor | undefined;
    const outer = scope(backend, () => {
      inner = scope(backend, () => add(x, 1));
      expect(inner.disposed).toBe(false);
      return mul(inner, 2);
    });
    expect(inner!.disposed).toBe(true);
    expect(outer.disposed).toBe(false);
    expect(live()).toBe(2);
  });

  it('disposes everything made inside when its body throws', () => {
    const { backend, x, live } = setUp();
    const body = () =>
      scope(backend, () => {
        const kept = scope(backend, () => add(x, 1));
        mul(kept, 2);
        throw new Error('in the middle');
      });
    expect(body).toThrow('in the middle');
    expect(live()).toBe(1);
    // The stack of scopes is intact: a tensor made now belongs to no scope.
    expect(add(x, 1).disposed).toBe(false);
  });

  it('accepts tensors disposed by hand', () => {
    const { backend, x, live } = setUp();
    const y = scope(backend, () => {
      const early = add(x, 1);
      const result = mul(early, 2);
      early.dispose();
      return result;
    });
    expect(y.disposed).toBe(false);
    expect(live()).toBe(2);
  });
});

describe('Memory.inScope', () => {
  it('forgets tensors disposed by hand', () => {
    const { backend, x } = setUp();
    scope(backend, () => {
      const made = add(x, 1);
      made.dispose();
      expect(backend.memory.inScope(made)).toBe(false);
    });
  });

  it('knows the tensors that the innermost scope made or took over', () => {
    const { backend, x } = setUp();
    expect(backend.memory.inScope(x)).toBe(false);
    scope(backend, () => {
      const made = scope(backend, () => {
        const inner = add(x, 1);
        expect(backend.memory.inScope(inner)).toBe(true);
        return inner;
      });
      expect(backend.memory.inScope(made)).toBe(true);
      expect(backend.memory.inScope(x)).toBe(false);
    });
  });
});

describe('trees', () => {
  it('are searched through plain arrays and objects only', () => {
    const { x } = setUp();
    expect(tensorsIn({ a: [x, { b: x }], n: 1, nothing: null })).toEqual([x, x]);
    expect(tensorsIn(new Map([['a', x]]))).toEqual([]);
  });

  it('can be disposed as a whole, more than once', () => {
    const { x, live } = setUp();
    const tree = { a: [x, add(x, 1)] };
    disposeAll(tree);
    disposeAll(tree);
    expect(live()).toBe(0);
  });
});
