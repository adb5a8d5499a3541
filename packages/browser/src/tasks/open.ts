/** Opens a backend and places a model on it. */

import { throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { fromPretrained } from '@patchslim/vit-models';
import type { Session } from '../session.js';
import type { OpenedModel, OpenRequest } from '../tasks.js';

/** The GPU where there is one; else what runs everywhere. */
const defaultBackends = ['tfjs-webgpu', 'wasm'];

/** Beyond it threads of one small network mostly wait for each other. */
const mostThreads = 4;

/**
 * The checkpoint is read first: when that fails, what was open stays open.
 * @throws as `fromPretrained` and `pickBackend`; `ABORTED`
 */
export async function openTask(
  session: Session,
  { backends = defaultBackends, model, endpoint, wasmPaths }: OpenRequest,
  context: LongCallOptions,
): Promise<OpenedModel> {
  const checkpoint = await fromPretrained(model, { ...context, endpoint });
  throwIfAborted(context.signal, 'open');
  const options = { wasmPaths, threads: threadsToUse() };
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

/** ONNX Runtime would take half of the cores, and a page that asks for threads has them to spare. */
function threadsToUse(): number | undefined {
  const { crossOriginIsolated, navigator } = globalThis as {
    crossOriginIsolated?: boolean;
    navigator?: { hardwareConcurrency?: number };
  };
  if (!crossOriginIsolated) return undefined;
  return Math.min(mostThreads, navigator?.hardwareConcurrency ?? 1);
}
