/** TensorFlow.js on TensorFlow's C library, in Node: on the CPU or on CUDA. A process can load only one of the two. */

import { PatchslimError, type Backend } from '@patchslim/tensor';
import { lacksNvidiaDriver, nodeFs, nodePath } from '@patchslim/tensor/files';
import { keepingSelection } from './activation.js';
import { createTfjsBackend } from './backend.js';
import { loadKernels } from './kernel-package.js';
import { nativeComputes } from './kernels/native.js';
import { findBuiltAddon, shortName, type BuiltAddon, type NativePackage } from './native-addon.js';
import { requireNative } from './require-native.js';
import type { Tfjs, TfKernelBackend } from './tfjs.js';
import { orUnavailable } from './unavailable.js';

interface NativeRuntime {
  /** Display name. */
  readonly name: string;
  readonly packageName: NativePackage;
}

/** Properties of the backend instance of both packages. */
interface NativeInstance extends TfKernelBackend {
  readonly isGPUPackage: boolean;
  readonly isUsingGpuDevice: boolean;
}

/** Name of both packages' backend within tfjs. */
const tfBackend = 'tensorflow';

export async function createNativeBackend({ name, packageName }: NativeRuntime): Promise<Backend> {
  const onGpu = packageName.endsWith('-gpu');
  const addon = await findNativePart(name, packageName);
  return orUnavailable({ name, hint: hintFor(packageName, addon) }, async () => {
    const core = await import('@tensorflow/tfjs-core');
    requireAlone(core, name, onGpu);
    // Loading the GPU package without a GPU would keep this process from loading the other one, for nothing.
    if (onGpu && (await lacksNvidiaDriver())) {
      throw new Error('no CUDA device: this machine has no NVIDIA driver');
    }
    const tf = await loadPackage(core, packageName, addon?.path);
    // Without a device, TensorFlow would silently compute on the CPU.
    if (onGpu && !instanceIn(tf)!.isUsingGpuDevice) {
      throw new Error('no CUDA device: TensorFlow found none that it can use');
    }
    return createTfjsBackend(tf, { name, tfBackend, kernels: nativeComputes });
  });
}

const instanceIn = (tf: Tfjs): NativeInstance | null => tf.findBackend(tfBackend) as NativeInstance | null;

/** @throws `BACKEND_UNAVAILABLE` when the process has loaded the other package */
function requireAlone(core: Tfjs, name: string, onGpu: boolean): void {
  const loaded = instanceIn(core);
  if (loaded === null || loaded.isGPUPackage === onGpu) return;
  throw missing(`${name}: a process can load only one of tfjs-node and tfjs-node-gpu, and this one has the other; use a process for each`); // prettier-ignore
}

function hintFor(packageName: NativePackage, addon: BuiltAddon | undefined): string {
  const short = shortName(packageName);
  if (packageName.endsWith('-gpu')) {
    const { version, cudnn } = addon?.manifest.cuda ?? { version: '11.2', cudnn: '8' };
    return `it needs an NVIDIA GPU with its driver, CUDA ${version} and cuDNN ${cudnn}`;
  }
  return addon
    ? `build it anew: npx patchslim setup ${short} --remove, then npx patchslim setup ${short}`
    : `reinstall ${packageName} for this platform`;
}

/**
 * Returns the package's own namespace of tfjs. It may have another copy of tfjs-core, but all copies share one engine. On
 * loading, it selects its backend and registers others; this function restores the previous state.
 */
async function loadPackage(core: Tfjs, packageName: string, addon: string | undefined): Promise<Tfjs> {
  const load = () => requireNative(packageName, import.meta.url, addon) as Tfjs;
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
 * The addon of the package: one that `patchslim setup` built, else the package's own (undefined), which its install script downloads
 * or builds. If npm does not run scripts, which is common, both are missing.
 *
 * @throws `BACKEND_UNAVAILABLE`
 */
async function findNativePart(name: string, packageName: NativePackage): Promise<BuiltAddon | undefined> {
  const [fs, path] = await Promise.all([nodeFs(), nodePath()]);
  const { resolve } = process.getBuiltinModule('node:module').createRequire(import.meta.url);
  const setup = `npx patchslim setup ${shortName(packageName)}`;
  let file: string;
  try {
    file = resolve(`${packageName}/package.json`);
  } catch (error) {
    const install = `npm install ${packageName} --ignore-scripts`;
    throw missing(
      `${name}: ${packageName} is not installed; install it with: ${install}, then build its native part: ${setup}`,
      error,
    );
  }
  const { version } = JSON.parse(await fs.readFile(file, 'utf8')) as { version: string };
  const library = path.join(path.dirname(file), 'lib');
  const builds = await fs.readdir(library, { recursive: true }).catch(() => [] as string[]);
  const hasOwn = builds.some((each) => path.basename(each) === 'tfjs_binding.node');
  try {
    const built = await findBuiltAddon(packageName, version);
    if (built || hasOwn) return built;
  } catch (error) {
    if (hasOwn) return undefined;
    throw error;
  }
  throw missing(`${name}: the native part of ${packageName} ${version} is missing; build it with: ${setup}`);
}

function missing(message: string, cause?: unknown): PatchslimError {
  return new PatchslimError('BACKEND_UNAVAILABLE', message, {}, cause);
}
