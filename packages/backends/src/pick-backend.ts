/** Picks the first backend of a list that works on this machine. */

import { findByName, PatchslimError, type Backend } from '@patchslim/tensor';
import { backendChoices, type BackendChoice, type BackendOptions } from './choices.js';
import { openWorking } from './open-backend.js';

/** A backend that was tried and does not work. */
export interface UnavailableBackend {
  readonly name: string;
  /** The reason and the remedy. */
  readonly reason: string;
}

/** The picked backend, and the backends before it in the list. */
export interface PickedBackend {
  readonly name: string;
  readonly backend: Backend;
  readonly unavailable: readonly UnavailableBackend[];
}

/**
 * A CUDA GPU, then the CPU in Node (a WebGPU adapter in Node may be a software GPU, which is slower), then backends for
 * browsers.
 */
export const defaultOrder = ['cuda', 'tfjs-node-gpu', 'native', 'webgpu', 'wasm', 'tfjs-wasm', 'tfjs-cpu'];

/**
 * Tries backends in order and returns the first that opens and computes a small program correctly.
 * @param names of `backendChoices`
 * @throws `BACKEND_UNAVAILABLE` with every reason when none works; `UNKNOWN_NAME` before any is tried
 * @example
 * const { name, backend, unavailable } = await pickBackend(['cuda', 'webgpu', 'native', 'wasm']);
 */
export async function pickBackend(
  names: readonly string[] = defaultOrder,
  options: BackendOptions = {},
): Promise<PickedBackend> {
  const choices = names.map((name) => findByName(backendChoices, name, 'backend'));
  return pickFrom(choices, options);
}

/** `pickBackend` over any choices. */
export async function pickFrom(
  choices: readonly BackendChoice[],
  options: BackendOptions = {},
): Promise<PickedBackend> {
  const unavailable: UnavailableBackend[] = [];
  for (const choice of choices) {
    try {
      return { name: choice.name, backend: await openWorking(choice, options), unavailable };
    } catch (error) {
      unavailable.push({ name: choice.name, reason: reasonOf(error) });
    }
  }
  const reasons = unavailable.map(({ name, reason }) => `${name}: ${reason}`).join('\n');
  throw new PatchslimError(
    'BACKEND_UNAVAILABLE',
    `pickBackend(): none of the backends works here\n${reasons}`,
    {
      unavailable,
    },
  );
}

/** Tries all backends one by one, like `patchslim doctor`, and closes each. */
export async function describeBackends(): Promise<BackendFinding[]> {
  const findings: BackendFinding[] = [];
  for (const choice of backendChoices) {
    const { name, description } = choice;
    try {
      const backend = await openWorking(choice);
      await backend.close();
      findings.push({ name, description, works: true });
    } catch (error) {
      findings.push({ name, description, works: false, reason: reasonOf(error) });
    }
  }
  return findings;
}

/** Whether a backend works on this machine. */
export interface BackendFinding {
  readonly name: string;
  readonly description: string;
  readonly works: boolean;
  /** The reason why it does not work, and the remedy. */
  readonly reason?: string;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
