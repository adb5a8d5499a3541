/**
 * The kernels of tfjs-backend-wasm hold their compiled functions in module variables, and `tf.setBackend('wasm')` sets
 * them for one instance. So that our instances and the program's do not compute in each other's
 * memory, we set the variables to functions that dispatch to the active instance.
 */

import { selectionOf, type Activate } from './activation.js';
import type { Tfjs } from './tfjs.js';

/** A compiled function that a kernel of tfjs-backend-wasm calls. */
type Compiled = (...values: unknown[]) => unknown;
/** Finds a compiled function of an instance by name. */
type Cwrap = (...signature: unknown[]) => Compiled;
interface WasmInstance {
  readonly wasm: { readonly cwrap: Cwrap };
}

/** By engine, the last selection when we set the variables: a later one may have overwritten them. */
const boundSince = new WeakMap<object, unknown>();

/** Wraps `activate` and sets the kernels' variables if needed. */
export function withWasmBindings(tf: Tfjs, activate: Activate): Activate {
  boundSince.delete(tf.engine());
  return (body) => {
    const { profiler } = selectionOf(tf);
    if (!boundSince.has(tf.engine()) || boundSince.get(tf.engine()) !== profiler) {
      bind(tf);
      boundSince.set(tf.engine(), profiler);
    }
    return activate(body);
  };
}

/** Sets up the kernels under tfjs's own name; ours are copies and share the variables. */
function bind(tf: Tfjs): void {
  const active = () => selectionOf(tf).backendInstance as WasmInstance;
  const cwrap: Cwrap = (...signature) => {
    const compiled = new WeakMap<WasmInstance, Compiled>();
    return (...values) => {
      const instance = active();
      let own = compiled.get(instance);
      if (!own) compiled.set(instance, (own = instance.wasm.cwrap(...signature)));
      return own(...values);
    };
  };
  for (const { setupFunc } of tf.getKernelsForBackend('wasm')) setupFunc?.({ wasm: { cwrap } });
}
