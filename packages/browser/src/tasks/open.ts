/** Opens a backend and places a model on it. */

import { throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { fromPretrained } from '@patchslim/vit-models';
import type { Session } from '../session.js';
import type { OpenedModel, OpenRequest } from '../tasks.js';

/** The GPU if there is one, else WebAssembly. */
const defaultBackends = ['tfjs-webgpu', 'wasm'];

/** With more threads a small network mostly waits. */
const mostThreads = 4;

/**
 * Reads the checkpoint first: if that fails, the previous session stays open.
 * @throws as `fromPretrained` and `pickBackend`; `ABORTED`
 */
export async function openTask(
  session: Session,
  { backends = defaultBackends, model, heads, endpoint, wasmPaths, threads }: OpenRequest,
  context: LongCallOptions,
): Promise<OpenedModel> {
  const checkpoint = await fromPretrained(model, { ...context, heads, endpoint });
  throwIfAborted(context.signal, 'open');
  const options = { wasmPaths, threads: threads ?? session.threads ?? usualThreads() };
  const opened = await session.open({ backends, checkpoint, options });
  const { config, preprocessing, fingerprint, labels } = checkpoint;
  return {
    backend: opened.name,
    unavailable: opened.unavailable,
    threads: opened.backend.threads ?? 1,
    ...{ config, preprocessing, fingerprint },
    ...(labels ? { labels } : {}),
  };
}

/** ONNX Runtime would use half of the cores; a page that enables threads can use more. */
function usualThreads(): number | undefined {
  const { crossOriginIsolated, navigator } = globalThis as {
    crossOriginIsolated?: boolean;
    navigator?: { hardwareConcurrency?: number };
  };
  if (!crossOriginIsolated) return undefined;
  return Math.min(mostThreads, navigator?.hardwareConcurrency ?? 1);
}
