/** Loading a package of tfjs kernels registers a backend, which could become the default of the surrounding program. */

import type { Tfjs } from './tfjs.js';

/** Below the priorities of a program's backends, which are 1 to 3. */
const lastChoice = -1;

/**
 * Loads a package of kernels. By default tfjs selects the registered backend of highest priority; a backend
 * that came with this package gets the lowest.
 */
export async function loadKernels<T>(tf: Tfjs, load: () => Promise<T>): Promise<T> {
  const before = new Set(tf.engine().backendNames());
  const loaded = await load();
  demote(tf, before);
  return loaded;
}

/** @param except names of backends to leave unchanged */
export function demote(tf: Tfjs, except: ReadonlySet<string>): void {
  for (const [name, entry] of Object.entries(tf.engine().registryFactory)) {
    if (!except.has(name) && entry.priority > lastChoice) entry.priority = lastChoice;
  }
}
