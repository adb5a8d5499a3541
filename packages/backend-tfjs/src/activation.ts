/**
 * Selects the active backend of tfjs. tfjs has one engine per process, so an adapter activates its backend for
 * the duration of each call and then restores the previous one. `tf.setBackend` would take a third of a millisecond each way,
 * and on WASM four times that, because it sets up every kernel; we set the same fields directly.
 */

import type { Tfjs } from './tfjs.js';

/** Fields of tfjs's engine, most of them private. */
export interface Selection {
  readonly backendName: unknown;
  readonly backendInstance: unknown;
  /** A new object after every backend selection. */
  readonly profiler: unknown;
  /** Set while a backend starts; tfjs then refuses every call. */
  readonly pendingBackendInit: unknown;
}

/** Runs a body with a backend active in tfjs. */
export type Activate = <T>(body: () => T) => T;

export function selectionOf(tf: Tfjs): Selection {
  const engine = tf.engine() as unknown as Selection;
  const { backendName, backendInstance, profiler, pendingBackendInit } = engine;
  return { backendName, backendInstance, profiler, pendingBackendInit };
}

/** @param tfBackend an initialised backend, so that its selection completes synchronously */
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

/** Runs a body that selects a backend, then restores the previous one. */
export function keepingSelection<T>(tf: Tfjs, body: () => T): T {
  const before = selectionOf(tf);
  try {
    return body();
  } finally {
    Object.assign(tf.engine(), before);
  }
}
