/** ONNX Runtime for Node: native CPU, GPU through WebGPU (Dawn), CUDA if its libraries are installed. */

import { lacksNvidiaDriver, makeTemporaryFolder, nodeFs, nodePath } from '@patchslim/tensor/files';
import type * as onnxruntime from 'onnxruntime-node';
import type { InferenceSession } from 'onnxruntime-node';
import type { Graph } from './graph.js';
import { defaultExternalDataLimit, encodeModel, initializerBytes } from './onnx-file/encode.js';
import { joinChunks } from './onnx-file/wire.js';
import { saveModel } from './onnx-file/save.js';
import {
  commonOptions,
  importOptional,
  orUnavailable,
  probeGraph,
  unavailable,
  withoutSpinning,
  wrapSession,
} from './ort.js';
import type { NodeProvider, NodeRuntimeOptions } from './node-options.js';
import type { OnnxRuntime } from './runtime.js';

type Ort = typeof onnxruntime;

/** A variable, so that browser bundlers do not look for the package: browsers never use this file. */
const packageName = 'onnxruntime-node' as string;

/** Remedies if a provider fails to start. */
const hints: Readonly<Record<NodeProvider, string>> = {
  cpu: 'reinstall onnxruntime-node for this platform',
  webgpu: 'it needs a GPU and its driver (on Linux Vulkan: libvulkan.so.1)',
  cuda: 'install its libraries with: node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12',
};

/** The threads that `OMP_NUM_THREADS` sets. A list sets nested levels; ONNX Runtime has only the first. */
function threadsOfProcess(): number | undefined {
  const threads = Number.parseInt(process.env['OMP_NUM_THREADS'] ?? '', 10);
  return threads > 0 ? threads : undefined;
}

/**
 * Opens onnxruntime-node with one provider and checks that it works.
 *
 * @throws `BACKEND_UNAVAILABLE` with the reason
 */
export async function openNodeRuntime(options: NodeRuntimeOptions = {}): Promise<OnnxRuntime> {
  const { provider = 'cpu', externalDataLimit = defaultExternalDataLimit } = options;
  const threads = options.threads ?? threadsOfProcess();
  const gpuOnly = provider !== 'cpu' && options.disableCpuFallback === true;
  const ort = await loadNodeOrt();
  const listed = ort.listSupportedBackends().map((backend) => backend.name);
  if (!listed.includes(provider)) {
    throw unavailable(
      `onnxruntime-node lists no provider '${provider}' on this platform, only ${listed.join(', ')}`,
    );
  }
  if (provider === 'cuda' && lacksCudaLibrary()) {
    throw unavailable(
      `onnxruntime-node/cuda failed to start: its library for CUDA is not installed; ${hints.cuda}`,
    );
  }
  if (provider === 'cuda' && (await lacksNvidiaDriver())) {
    throw unavailable(
      'onnxruntime-node/cuda failed to start: no CUDA device: this machine has no NVIDIA driver, whose libcuda.so.1 the library for CUDA needs',
    );
  }
  const settings: InferenceSession.SessionOptions = {
    ...commonOptions,
    executionProviders: [provider],
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    extra: {
      session: { ...withoutSpinning, ...(gpuOnly && { disable_cpu_ep_fallback: '1' }) },
    },
  };
  const name = `onnxruntime-node/${provider}`;
  const open = (graph: Graph, message: (reason: string) => string) =>
    orUnavailable(
      async () => wrapSession(ort, await loadGraph(ort, graph, settings, externalDataLimit)),
      message,
    );
  const probe = await open(
    probeGraph(),
    (reason) => `${name} failed to start: ${reason}; ${hints[provider]}`,
  );
  await probe.release();
  return {
    name,
    threads: provider === 'cpu' ? threads : undefined,
    createSession: (graph) => open(graph, (reason) => `${name} refused the graph: ${reason}`),
    close: () => Promise.resolve(),
  };
}

/**
 * Loads the module with its telemetry off: ONNX Runtime's own builds report to Microsoft unless this variable is set
 * before they start. Set ORT_DISABLE_TELEMETRY=0 to allow telemetry.
 *
 * @throws `BACKEND_UNAVAILABLE` with the install command
 */
export function loadNodeOrt(): Promise<Ort> {
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  return importOptional<Ort>(
    'onnxruntime-node',
    'npm install onnxruntime-node --ignore-scripts',
    () => import(/* webpackIgnore: true */ /* @vite-ignore */ packageName),
  );
}

/** Checks first, because ONNX Runtime always prints a missing provider library to stderr, at every log level. */
function lacksCudaLibrary(): boolean {
  const { readdirSync } = process.getBuiltinModule('node:fs');
  const path = process.getBuiltinModule('node:path');
  const { createRequire } = process.getBuiltinModule('node:module');
  try {
    const libraries = path.join(path.dirname(createRequire(import.meta.url).resolve(packageName)), '../bin');
    const files = readdirSync(libraries, { recursive: true, encoding: 'utf8' });
    return !files.some((file) => /onnxruntime_providers_cuda\./.test(file));
  } catch {
    return false; // an unknown package layout, or a bundle: let ONNX Runtime decide
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
  const [{ rm }, paths] = await Promise.all([nodeFs(), nodePath()]);
  const folder = await makeTemporaryFolder('compile()');
  try {
    const { path } = await saveModel(graph, paths.join(folder, 'model.onnx'), {
      externalDataLimit: limit,
    });
    return await ort.InferenceSession.create(path, settings);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }); // Windows: a virus scanner may hold a file
  }
}
