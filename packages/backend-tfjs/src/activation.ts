/**
 * Which backend tfjs's engine is on. It is one engine for the whole process, so an adapter puts its own backend there for as
 * long as one of its calls runs, and puts back what was there. `tf.setBackend` would take a third of a millisecond each way,
 * and on WASM four times that, as it sets up every kernel; these are the fields that it sets in the end.
 */

import type { Tfjs } from './tfjs.js';

/** Fields of tfjs's engine, most of them private. */
export interface Selection {
  readonly backendName: unknown;
  readonly backendInstance: unknown;
  /** Made anew whenever somebody selects a backend. */
  readonly profiler: unknown;
  /** While a backend starts, tfjs refuses every call. */
  readonly pendingBackendInit: unknown;
}

/** Runs a body while a backend is the active one of tfjs. */
export type Activate = <T>(body: () => T) => T;

export function selectionOf(tf: Tfjs): Selection {
  const engine = tf.engine() as unknown as Selection;
  const { backendName, backendInstance, profiler, pendingBackendInit } = engine;
  return { backendName, backendInstance, profiler, pendingBackendInit };
}

/** @param tfBackend initialised, so that selecting it is done when the call returns */
export function createActivation(tf: Tfjs, tfBackend: string): Activate {
  const own = keepingSelection(tf, () => {
    void tf.setBackend(tfBackend);
    return { ...selectionOf(tf), pendingBackendInit: null };
  });
  const engine = tf.engine();
  return (body) =>
    keepingSelection(tf, () => {
      Object.assign(engine, own);
      return body();
    });
}

/** Runs a body that selects a backend; afterwards the one is active that was so before. */
export function keepingSelection<T>(tf: Tfjs, body: () => T): T {
  const before = selectionOf(tf);
  try {
    return body();
  } finally {
    Object.assign(tf.engine(), before);
  }
}
