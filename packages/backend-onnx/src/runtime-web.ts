/** ONNX Runtime in WebAssembly: in browsers on the CPU or, through WebGPU, on the GPU; in Node on the CPU. */

import { PatchslimError } from '@patchslim/tensor';
import { isNode } from '@patchslim/tensor/files';
import type { InferenceSession } from 'onnxruntime-web';
import { requestGpuDevice, watchGpuDevice } from './gpu-device.js';
import type { Graph } from './graph.js';
import { defaultExternalDataLimit, encodeModel, initializerBytes } from './onnx-file/encode.js';
import { joinChunks } from './onnx-file/wire.js';
import {
  commonOptions,
  importOptional,
  orUnavailable,
  probeGraph,
  unavailable,
  withoutSpinning,
  wrapSession,
  type Ort,
} from './ort.js';
import { createQueue, type Queue } from './queue.js';
import { webProviders, type WebProvider, type WebRuntimeOptions } from './web-options.js';
import { nextTask } from './next-task.js';
import type { OnnxRuntime, RuntimeSession } from './runtime.js';

const packageName = 'onnxruntime-web' as string;
const inNode = isNode();

/** In ms. Firefox tells that a device is lost after the error that the loss causes, Chromium before. */
const lossFollowsWithin = 200;
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const hints: Readonly<Record<WebProvider, string>> = {
  wasm: 'its .wasm file must be served beside its script or at wasmPaths (with Vite: optimizeDeps.exclude onnxruntime-web)',
  webgpu: inNode
    ? "in Node, use createOnnxBackend({ provider: 'webgpu' }) for the GPU"
    : "the provider 'wasm' needs no GPU",
};

/**
 * Sessions of one loaded module take turns. With WebGPU it suspends WebAssembly in the middle of a call, and
 * onnxruntime-web 1.30 hangs on a second call meanwhile.
 */
const turns = new WeakMap<Ort, Queue>();

/**
 * Opens onnxruntime-web with one provider and checks that it works.
 *
 * @throws `BACKEND_UNAVAILABLE` with the reason; `INVALID_ARGUMENT` if it already runs with another number of threads
 */
export async function openWebRuntime(options: WebRuntimeOptions = {}): Promise<OnnxRuntime> {
  const { provider = 'wasm', disableCpuFallback = false } = options;
  const name = `onnxruntime-web/${provider}`;
  if (!webProviders.includes(provider)) {
    throw unavailable(`onnxruntime-web has no provider '${provider}', only ${webProviders.join(', ')}`);
  }
  const ort = await loadWebOrt(provider);
  configure(ort, options);
  const didNotComeUp = (reason: string) => `${name} failed to start: ${reason}; ${hints[provider]}`;
  const device =
    provider === 'webgpu'
      ? (options.device ?? (await orUnavailable(requestGpuDevice, didNotComeUp)))
      : undefined;
  const checkDevice = device ? watchGpuDevice(device, name) : () => undefined;
  const settings: InferenceSession.SessionOptions = {
    ...commonOptions,
    // Our type is structural; theirs depends on the global `GPUDevice` of the compilation.
    executionProviders: [device ? { name: 'webgpu', device: device as unknown as never } : provider],
    extra: {
      session: { ...withoutSpinning, ...(device && disableCpuFallback && { disable_cpu_ep_fallback: '1' }) },
    },
  };
  const turn = turnsOf(ort);
  const open = async (graph: Graph, message: (reason: string) => string): Promise<RuntimeSession> => {
    const bytes = encode(graph, name);
    const session = await turn(() => {
      checkDevice();
      return orUnavailable(
        async () => wrapSession(ort, await ort.InferenceSession.create(bytes, settings)),
        message,
      );
    });
    return {
      run: (feeds) =>
        turn(async () => {
          checkDevice();
          try {
            const results = await session.run(feeds);
            if (!inNode) await nextTask();
            checkDevice();
            return results;
          } catch (error) {
            if (device) await Promise.race([device.lost, pause(lossFollowsWithin)]);
            checkDevice(); // throws DEVICE_LOST instead of ONNX Runtime's error
            throw error;
          }
        }),
      release: () => turn(() => session.release()),
    };
  };
  // Kept until `close`: without any session, the runtime would discard its compiled shaders.
  const ownDevice = device === options.device ? undefined : device;
  const probe = await open(probeGraph(), didNotComeUp).catch((error: unknown) => {
    ownDevice?.destroy();
    throw error;
  });
  return {
    name,
    threads: provider === 'wasm' ? (ort.env.wasm.numThreads ?? 1) : undefined,
    createSession: (graph) => open(graph, (reason) => `${name} refused the graph: ${reason}`),
    async close() {
      try {
        await probe.release();
      } finally {
        ownDevice?.destroy();
      }
    },
  };
}

/** Loads the build for this platform. @throws `BACKEND_UNAVAILABLE` with the install command */
export function loadWebOrt(provider: WebProvider): Promise<Ort> {
  return importOptional<Ort>('onnxruntime-web', 'npm install onnxruntime-web', () => {
    // In Node only the main entry finds its files; bundlers must not see it, or they would include it for browsers.
    if (inNode) return import(/* webpackIgnore: true */ /* @vite-ignore */ packageName);
    return provider === 'webgpu' ? import('onnxruntime-web/webgpu') : import('onnxruntime-web/wasm');
  });
}

/** Global settings of the module, which it reads once, when its first session opens. */
function configure({ env: { wasm } }: Ort, { threads, wasmPaths }: WebRuntimeOptions): void {
  if (threads !== undefined) {
    const running = wasm.numThreads ?? threads;
    if (running !== threads) {
      throw new PatchslimError(
        'INVALID_ARGUMENT',
        `threads: onnxruntime-web shares its threads between all sessions and already runs with ${running}, not ${threads}; omit 'threads' to use these`,
      );
    }
    if (threads > 1 && isolated() === false) {
      throw unavailable(
        `onnxruntime-web cannot have ${threads} threads: the page is not cross-origin isolated; serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp`,
      );
    }
    wasm.numThreads = threads;
  }
  if (wasmPaths !== undefined) wasm.wasmPaths = wasmPaths;
}

/** Whether a page may share memory between threads; undefined in Node, where every process may. */
function isolated(): boolean | undefined {
  return (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
}

function turnsOf(ort: Ort): Queue {
  const queue = turns.get(ort) ?? createQueue();
  turns.set(ort, queue);
  return queue;
}

/** WebAssembly has 4 GiB of memory in total, and a model is one protobuf message of at most 2 GiB. */
function encode(graph: Graph, runtime: string): Uint8Array {
  const bytes = initializerBytes(graph);
  if (bytes <= defaultExternalDataLimit) return joinChunks(encodeModel(graph).model);
  throw unavailable(
    `${runtime} cannot hold the graph: its constants take ${bytes} bytes, and the limit in WebAssembly is ${defaultExternalDataLimit}; use onnxruntime-node`,
  );
}
