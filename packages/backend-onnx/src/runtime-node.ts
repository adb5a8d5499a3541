/** ONNX Runtime for Node: native CPU, GPU through WebGPU (Dawn), CUDA where its libraries were installed. */

import { isPatchslimError, PatchslimError, type DType, type HostTensor } from '@patchslim/tensor';
import type * as onnxruntime from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { createGraphBuilder, type Graph } from './graph.js';
import { defaultExternalDataLimit, encodeModel, initializerBytes, joinChunks } from './onnx-file/encode.js';
import { saveModel } from './onnx-file/save.js';
import type { OnnxRuntime, RuntimeSession } from './runtime.js';

export const nodeProviders = ['cpu', 'webgpu', 'cuda'] as const;
export type NodeProvider = (typeof nodeProviders)[number];

export interface NodeRuntimeOptions {
  readonly provider?: NodeProvider | undefined;
  /** Threads within one op; ONNX Runtime takes one per core when left out. */
  readonly threads?: number | undefined;
  /** Bytes of constants above which a graph reaches the runtime through files instead of one buffer. */
  readonly externalDataLimit?: number | undefined;
}

type Ort = typeof onnxruntime;

/** A variable, so that bundlers for browsers, where graphs are only recorded, do not ask for the package. */
const packageName = 'onnxruntime-node' as string;

/** What to do where a provider does not come up. */
const hints: Readonly<Record<NodeProvider, string>> = {
  cpu: 'reinstall onnxruntime-node for this platform',
  webgpu: 'it needs a GPU and its driver (on Linux Vulkan: libvulkan.so.1)',
  cuda: 'its libraries are fetched by: node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12',
};

/**
 * Opens onnxruntime-node with one provider, and makes sure that the provider comes up.
 *
 * @throws `BACKEND_UNAVAILABLE` with the reason
 */
export async function openNodeRuntime(options: NodeRuntimeOptions = {}): Promise<OnnxRuntime> {
  const { provider = 'cpu', threads, externalDataLimit = defaultExternalDataLimit } = options;
  const ort = await loadOrt();
  const listed = ort.listSupportedBackends().map((backend) => backend.name);
  if (!listed.includes(provider)) {
    throw unavailable(
      `onnxruntime-node lists no provider '${provider}' on this platform, only ${listed.join(', ')}`,
    );
  }
  const settings: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4, // what it would log as an error, it also throws
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    // Idle threads of one session would otherwise spin and slow down every other session of the process.
    extra: { session: { force_spinning_stop: '1' } },
  };
  const name = `onnxruntime-node/${provider}`;
  const open = async (graph: Graph, problem: (reason: string) => string): Promise<RuntimeSession> => {
    try {
      return wrapSession(ort, await loadGraph(ort, graph, settings, externalDataLimit));
    } catch (error) {
      if (isPatchslimError(error)) throw error;
      throw unavailable(problem(reasonOf(error)), error);
    }
  };
  const probe = await open(
    probeGraph(),
    (reason) => `${name} did not come up: ${reason}; ${hints[provider]}`,
  );
  await probe.release();
  return { name, createSession: (graph) => open(graph, (reason) => `${name} refused the graph: ${reason}`) };
}

/**
 * The module, loaded with its telemetry off: ONNX Runtime's own builds report to Microsoft unless this variable is set
 * before they start. Whoever wants that sets ORT_DISABLE_TELEMETRY=0.
 *
 * @throws `BACKEND_UNAVAILABLE` saying how to get it
 */
export async function loadOrt(): Promise<Ort> {
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  try {
    return (await import(/* @vite-ignore */ packageName)) as Ort;
  } catch (error) {
    const how = `install it with: npm install onnxruntime-node --ignore-scripts`;
    throw unavailable(`onnxruntime-node could not be loaded (${reasonOf(error)}); ${how}`, error);
  }
}

async function loadGraph(
  ort: Ort,
  graph: Graph,
  settings: InferenceSession.SessionOptions,
  limit: number,
): Promise<InferenceSession> {
  if (initializerBytes(graph) <= limit) {
    return ort.InferenceSession.create(joinChunks(encodeModel(graph).model), settings);
  }
  const [{ mkdtemp, rm }, { tmpdir }, nodePath] = await Promise.all([
    import('node:fs/promises'),
    import('node:os'),
    import('node:path'),
  ]);
  const folder = await mkdtemp(nodePath.join(tmpdir(), 'patchslim-'));
  try {
    const { path } = await saveModel(graph, nodePath.join(folder, 'model.onnx'), {
      externalDataLimit: limit,
    });
    return await ort.InferenceSession.create(path, settings);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function wrapSession(ort: Ort, session: InferenceSession): RuntimeSession {
  return {
    async run(feeds) {
      const inputs = Object.entries(feeds).map(
        ([name, { dtype, data, shape }]) => [name, new ort.Tensor(dtype, data, shape)] as const,
      );
      const outputs = await session.run(Object.fromEntries(inputs));
      return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, toHost(tensor)]));
    },
    release: () => session.release(),
  };
}

/** Outputs of a recorded graph only have dtypes of the tensor interface. */
function toHost({ type, dims, data }: Tensor): HostTensor {
  return { shape: dims, dtype: type as DType, data } as HostTensor;
}

/** The smallest graph there is. */
function probeGraph(): Graph {
  const builder = createGraphBuilder();
  return builder.finish({ y: builder.input('x', { shape: [1], dtype: 'float32' }) });
}

function unavailable(message: string, cause?: unknown): PatchslimError {
  return new PatchslimError('BACKEND_UNAVAILABLE', message, {}, cause);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
