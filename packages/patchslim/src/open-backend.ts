/** A backend by name, or the first that works. */

import { backendsOf, openBackend, pickBackend } from '@patchslim/backends';
import type { Backend } from '@patchslim/tensor';

/**
 * Opens the backend of a name of `backendChoices`; for `cpu` or `gpu` the first backend of that device that works, for `auto` the
 * first of all.
 *
 * @throws `UNKNOWN_NAME`, `BACKEND_UNAVAILABLE`
 */
export async function openNamedBackend(name: string): Promise<Backend> {
  if (name === 'auto') return (await pickBackend()).backend;
  const names = backendsOf(name);
  return names.length === 1 ? openBackend(names[0]!) : (await pickBackend(names)).backend;
}
