/** Tests which providers of ONNX Runtime start on this machine. */

import { isPatchslimError } from '@patchslim/tensor';
import { nodeProviders, type NodeProvider } from './node-options.js';
import { loadNodeOrt, openNodeRuntime } from './runtime-node.js';
import { loadWebOrt, openWebRuntime } from './runtime-web.js';
import type { OnnxRuntime } from './runtime.js';
import { webProviders, type WebProvider } from './web-options.js';

/** Whether one execution provider works on this machine. */
export interface ProviderReport {
  readonly provider: NodeProvider | WebProvider;
  readonly available: boolean;
  /** The reason and the remedy, if it is not available. */
  readonly reason?: string;
}

/** The npm packages of ONNX Runtime. */
export type RuntimePackage = 'onnxruntime-node' | 'onnxruntime-web';

/** A runtime package, and its providers that work here. */
export interface RuntimeReport {
  readonly runtime: RuntimePackage;
  /** Absent if the package is not installed. */
  readonly version?: string;
  readonly providers: readonly ProviderReport[];
}

/**
 * Tries every provider of a package in turn by opening a session. A missing provider is no error. It starts
 * onnxruntime-web with its default number of threads.
 */
export async function describeRuntime(runtime: RuntimePackage = 'onnxruntime-node'): Promise<RuntimeReport> {
  const [version, providers] =
    runtime === 'onnxruntime-node'
      ? [
          await versionOf(async () => (await loadNodeOrt()).env.versions.node),
          await tryAll(nodeProviders, (provider) => openNodeRuntime({ provider })),
        ]
      : [
          await versionOf(async () => (await loadWebOrt('wasm')).env.versions.web),
          await tryAll(webProviders, (provider) => openWebRuntime({ provider })),
        ];
  return { runtime, ...(version !== undefined && { version }), providers };
}

async function versionOf(load: () => Promise<string | undefined>): Promise<string | undefined> {
  return load().catch(() => undefined);
}

/** Sequentially, because the providers disturb each other. */
async function tryAll<P extends NodeProvider | WebProvider>(
  providers: readonly P[],
  open: (provider: P) => Promise<OnnxRuntime>,
): Promise<ProviderReport[]> {
  const reports: ProviderReport[] = [];
  for (const provider of providers) reports.push(await tryProvider(provider, () => open(provider)));
  return reports;
}

async function tryProvider(
  provider: NodeProvider | WebProvider,
  open: () => Promise<OnnxRuntime>,
): Promise<ProviderReport> {
  try {
    const runtime = await open();
    await runtime.close();
    return { provider, available: true };
  } catch (error) {
    if (!isPatchslimError(error, 'BACKEND_UNAVAILABLE')) throw error;
    return { provider, available: false, reason: error.message };
  }
}
