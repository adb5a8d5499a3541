/** Packages of tfjs's kernels register a backend when they are loaded, which may make it the default of the program around. */

import type { Tfjs } from './tfjs.js';

/** Below those that a program registers, which are 1 to 3. */
const lastChoice = -1;

/**
 * Loads a package of kernels. Where nobody says which backend to take, tfjs takes the registered one of highest priority: one
 * that came with this package takes a place behind all others.
 */
export async function loadKernels<T>(tf: Tfjs, load: () => Promise<T>): Promise<T> {
  const before = new Set(tf.engine().backendNames());
  const loaded = await load();
  demote(tf, before);
  return loaded;
}

/** @param except names of backends that stay as they are */
export function demote(tf: Tfjs, except: ReadonlySet<string>): void {
  for (const [name, entry] of Object.entries(tf.engine().registryFactory)) {
    if (!except.has(name) && entry.priority > lastChoice) entry.priority = lastChoice;
  }
}
