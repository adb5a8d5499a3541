/** TensorFlow.js on TensorFlow's C library, in Node: on the CPU or on CUDA. A process can load only one of the two. */

import { PatchslimError, type Backend } from '@patchslim/tensor';
import { keepingSelection } from './activation.js';
import { createTfjsBackend } from './backend.js';
import { loadKernels } from './kernel-package.js';
import { requireWithOldUtil } from './old-util.js';
import type { Tfjs, TfKernelBackend } from './tfjs.js';
import { orUnavailable } from './unavailable.js';

interface NativeRuntime {
  /** Display name. */
  readonly name: string;
  readonly packageName: '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';
}

/** Properties of the backend instance of both packages. */
interface NativeInstance extends TfKernelBackend {
  readonly isGPUPackage: boolean;
  readonly isUsingGpuDevice: boolean;
}

/** Name of both packages' backend within tfjs. */
const tfBackend = 'tensorflow';

export function createNativeBackend({ name, packageName }: NativeRuntime): Promise<Backend> {
  const onGpu = packageName.endsWith('-gpu');
  const hint = onGpu
    ? 'it needs an NVIDIA GPU with its driver, CUDA 11.2 and cuDNN 8'
    : `reinstall ${packageName} for this platform`;
  return orUnavailable({ name, hint }, async () => {
    requireNativePart(name, packageName);
    const tf = await loadPackage(packageName);
    const instance = tf.findBackend(tfBackend) as NativeInstance;
    if (instance.isGPUPackage !== onGpu) {
      throw new Error('this process has already loaded the other of tfjs-node and tfjs-node-gpu');
    }
    // Without a device, TensorFlow would silently compute on the CPU.
    if (onGpu && !instance.isUsingGpuDevice) throw new Error('TensorFlow found no CUDA device');
    return createTfjsBackend(tf, { name, tfBackend });
  });
}

/**
 * Returns the package's own namespace of tfjs. It may have another copy of tfjs-core, but all copies share one engine. On
 * loading, it selects its backend and registers others; this function restores the previous state.
 */
async function loadPackage(packageName: string): Promise<Tfjs> {
  const core = await import('@tensorflow/tfjs-core');
  const load = () => requireWithOldUtil(packageName, import.meta.url) as Tfjs;
  return loadKernels(core, () => Promise.resolve(keepingSelection(core, () => quietly(load))));
}

/** On start, TensorFlow prints to stderr about the CPU and a missing GPU; set the variable to 0 to see it. */
function quietly<T>(load: () => T): T {
  const variable = 'TF_CPP_MIN_LOG_LEVEL';
  if (process.env[variable] !== undefined) return load();
  process.env[variable] = '3';
  try {
    return load();
  } finally {
    Reflect.deleteProperty(process.env, variable);
  }
}

/**
 * Both packages need a library that their install script downloads, and an addon that it downloads or builds. If npm
 * does not run scripts, which is common, both are missing.
 */
function requireNativePart(name: string, packageName: string): void {
  const { existsSync, readdirSync } = process.getBuiltinModule('node:fs');
  const path = process.getBuiltinModule('node:path');
  const { resolve } = process.getBuiltinModule('node:module').createRequire(import.meta.url);
  let folder: string;
  try {
    folder = path.dirname(resolve(`${packageName}/package.json`));
  } catch (error) {
    const install = `npm install ${packageName} --ignore-scripts=false`;
    throw missing(`${name}: ${packageName} is not installed; install it with: ${install}`, error);
  }
  const library = path.join(folder, 'lib');
  const builds = existsSync(library) ? readdirSync(library) : [];
  if (builds.some((build) => existsSync(path.join(library, build, 'tfjs_binding.node')))) return;
  const rebuild = `npm rebuild ${packageName} --ignore-scripts=false`;
  throw missing(`${name}: the native part of ${packageName} is not installed; install it with: ${rebuild}`);
}

function missing(message: string, cause?: unknown): PatchslimError {
  return new PatchslimError('BACKEND_UNAVAILABLE', message, {}, cause);
}
