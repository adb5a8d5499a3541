/** What this machine can run programs with: the facts behind `patchslim doctor`. */

import { isPatchslimError } from '@patchslim/tensor';
import { loadOrt, nodeProviders, openNodeRuntime, type NodeProvider } from './runtime-node.js';

export interface ProviderReport {
  readonly provider: NodeProvider;
  readonly available: boolean;
  /** Why not, and what to do; only where it is not available. */
  readonly reason?: string;
}

export interface RuntimeReport {
  readonly runtime: 'onnxruntime-node';
  /** Left out where the package is not installed. */
  readonly version?: string;
  readonly providers: readonly ProviderReport[];
}

/** Tries every provider of onnxruntime-node in turn, by opening a session on it. Never throws for a missing one. */
export async function describeRuntime(): Promise<RuntimeReport> {
  const version = await loadOrt().then(
    (ort) => ort.env.versions.node,
    () => undefined,
  );
  const providers: ProviderReport[] = [];
  for (const provider of nodeProviders) providers.push(await tryProvider(provider));
  return { runtime: 'onnxruntime-node', ...(version !== undefined && { version }), providers };
}

async function tryProvider(provider: NodeProvider): Promise<ProviderReport> {
  try {
    await openNodeRuntime({ provider });
    return { provider, available: true };
  } catch (error) {
    if (!isPatchslimError(error, 'BACKEND_UNAVAILABLE')) throw error;
    return { provider, available: false, reason: error.message };
  }
}
