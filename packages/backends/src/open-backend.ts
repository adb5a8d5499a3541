/** Opens one backend by name, and tests whether it computes correctly. */

import { findByName, float32, gelu, PatchslimError, runOnHost, type Backend } from '@patchslim/tensor';
import { backendChoices, type BackendChoice, type BackendOptions } from './choices.js';

/**
 * Opens the backend called `name` (`native`, `webgpu`, …; see `backendChoices`).
 * @throws `UNKNOWN_NAME` with similar names; `BACKEND_UNAVAILABLE` with the reason and the remedy
 * @example const backend = await openBackend('wasm');
 */
export async function openBackend(name: string, options: BackendOptions = {}): Promise<Backend> {
  return findByName(backendChoices, name, 'backend').open(options);
}

/**
 * Opens a backend and runs a small program on it, because a backend that starts does not always compute correctly.
 * @throws `BACKEND_UNAVAILABLE`
 */
export async function openWorking(
  { name, open }: BackendChoice,
  options: BackendOptions = {},
): Promise<Backend> {
  const backend = await open(options);
  try {
    const program = await backend.compile(({ x }) => ({ y: gelu(x) }), {
      x: { shape: [1], dtype: 'float32' },
    });
    let value: number | undefined;
    try {
      [value] = (await runOnHost(backend, program, { x: float32([1], [1]) })).y.data;
    } finally {
      await program.dispose();
    }
    if (Math.abs(value! - 0.841345) < 1e-3) return backend;
    throw new PatchslimError(
      'BACKEND_UNAVAILABLE',
      `${name} computes wrong values: gelu(1) is 0.8413, got ${value}`,
    );
  } catch (error) {
    await backend.close().catch(() => undefined); // the original error is more informative
    throw error;
  }
}
