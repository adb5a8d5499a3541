/** A backend by name, or the first that works. */

import { openBackend, pickBackend } from '@patchslim/backends';
import type { Backend } from '@patchslim/tensor';

/**
 * Opens the backend of a name of `backendChoices`, or for `auto` the first that works.
 *
 * @throws `UNKNOWN_NAME`, `BACKEND_UNAVAILABLE`
 */
export async function openNamedBackend(name: string): Promise<Backend> {
  return name === 'auto' ? (await pickBackend()).backend : openBackend(name);
}
