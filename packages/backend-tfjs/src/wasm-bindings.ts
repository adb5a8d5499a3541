/**
 * The kernels of tfjs-backend-wasm hold their compiled functions in variables of their modules, and `tf.setBackend('wasm')` puts
 * those of one instance there. So that instances of ours and one of the program around do not compute in each other's
 * memory, the variables get functions that take those of the instance that is active.
 */

import { selectionOf, type Activate } from './activation.js';
import type { Tfjs } from './tfjs.js';

/** What a kernel of tfjs-backend-wasm calls. */
type Compiled = (...values: unknown[]) => unknown;
/** Takes a compiled function out of an instance by its name. */
type Cwrap = (...signature: unknown[]) => Compiled;
interface WasmInstance {
  readonly wasm: { readonly cwrap: Cwrap };
}

/** By engine, the selection that was the last when the variables were set: any later one may have set them otherwise. */
const boundSince = new WeakMap<object, unknown>();

/** `activate`, with the kernels' variables as they must be. What made `activate` may have set them. */
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

/** Sets up the kernels under tfjs's own name for them; ours are copies of these and share the variables. */
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
