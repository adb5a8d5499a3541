/** Tracks the live tensors of a backend, and the scopes that dispose them. */

import type { Backend } from './backend.js';
import type { Handle } from './op.js';
import { Tensor } from './tensor.js';

/** Anything a scope can return: tensors inside plain arrays and objects are kept alive. */
export type TensorTree = unknown;

/** The live tensors of one backend. */
export class Memory {
  readonly #live = new Set<Tensor>();
  readonly #scopes: Set<Tensor>[] = [];
  readonly #release: (handle: Handle) => void;

  /** Whether an inner scope leaves its tensors to the outer one, because a backward pass still needs them. */
  readonly #retains: () => boolean;

  readonly #deviceBytes: (() => number) | undefined;

  constructor(
    release: (handle: Handle) => void,
    retains: () => boolean = () => false,
    deviceBytes?: () => number,
  ) {
    this.#release = release;
    this.#retains = retains;
    this.#deviceBytes = deviceBytes;
  }

  /** Number of tensors not disposed yet. */
  get liveTensors(): number {
    return this.#live.size;
  }

  /**
   * Size of the device's buffers in bytes: live tensors, and free buffers kept for reuse. Undefined if the
   * backend does not know.
   */
  get deviceBytes(): number | undefined {
    return this.#deviceBytes?.();
  }

  /** Called by `Tensor`. */
  add(tensor: Tensor): void {
    this.#live.add(tensor);
    this.#scopes.at(-1)?.add(tensor);
  }

  /** Whether the innermost open scope owns this tensor: it made it, or took it over from an inner scope. */
  inScope(tensor: Tensor): boolean {
    return this.#scopes.at(-1)?.has(tensor) ?? false;
  }

  /** Called by `Tensor`. */
  remove(tensor: Tensor, handle: Handle): void {
    this.#live.delete(tensor);
    for (const scope of this.#scopes) scope.delete(tensor);
    this.#release(handle);
  }

  /** See `scope`. */
  run<T extends TensorTree>(body: () => T): T {
    const inside = new Set<Tensor>();
    this.#scopes.push(inside);
    let kept: ReadonlySet<Tensor> = new Set();
    try {
      const result = body();
      kept = new Set(tensorsIn(result));
      return result;
    } finally {
      this.#scopes.pop();
      const outer = this.#scopes.at(-1);
      for (const tensor of inside) {
        if (kept.has(tensor) || (outer && this.#retains())) outer?.add(tensor);
        else tensor.dispose();
      }
    }
  }
}

/**
 * Runs `body` and disposes every tensor made inside, except the tensors in its result; on a throw, all of them.
 * @example const energy = scope(backend, () => sum(mul(x, x)));
 */
export function scope<T extends TensorTree>(backend: Backend, body: () => T): T {
  return backend.memory.run(body);
}

/** All tensors in a result made of plain arrays and objects. */
export function tensorsIn(tree: TensorTree): Tensor[] {
  if (tree instanceof Tensor) return [tree];
  if (Array.isArray(tree)) return tree.flatMap(tensorsIn);
  if (typeof tree === 'object' && tree !== null && Object.getPrototypeOf(tree) === Object.prototype) {
    return Object.values(tree).flatMap(tensorsIn);
  }
  return [];
}

/** The same tree of plain arrays and objects with every tensor mapped, in the order of `tensorsIn`. */
export function mapTensors<T extends TensorTree>(tree: T, map: (tensor: Tensor) => Tensor): T {
  if (tree instanceof Tensor) return map(tree) as T;
  if (Array.isArray(tree)) return tree.map((part: unknown) => mapTensors(part, map)) as T;
  if (typeof tree === 'object' && tree !== null && Object.getPrototypeOf(tree) === Object.prototype) {
    return Object.fromEntries(
      Object.entries(tree).map(([key, part]: [string, unknown]) => [key, mapTensors(part, map)]),
    ) as T;
  }
  return tree;
}

/** Disposes every tensor in a result. */
export function disposeAll(tree: TensorTree): void {
  for (const tensor of tensorsIn(tree)) tensor.dispose();
}
