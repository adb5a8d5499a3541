/** TensorFlow.js on WebGPU in Node, through Dawn: the npm package `webgpu`. */

import type { Backend } from '@patchslim/tensor';
import type * as dawnModule from 'webgpu';
import { createDeviceBackend } from './device-backend.js';
import { checkOptions, onOwnDevice, type Gpu, type WebGpuBackendOptions } from './gpu.js';
import { loadKernels } from './kernel-package.js';
import { orUnavailable } from './unavailable.js';

export type { GpuDevice, WebGpuBackendOptions, WeightStorage } from './gpu.js';

/** Hidden from bundlers, which would look for Node modules in a browser bundle. */
const packageName = 'webgpu' as string;
const name = 'tfjs-webgpu';
const install =
  'install it with: npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-webgpu @tensorflow/tfjs-backend-cpu webgpu';
const needs = 'it needs a GPU and its driver (on Linux Vulkan: libvulkan.so.1)';

/**
 * Creates a backend on `@tensorflow/tfjs-backend-webgpu` with a Dawn device. It makes the constants of WebGPU
 * (`GPUBufferUsage`, …) global, as tfjs expects. If you pass a device, keep the result of `webgpu`'s `create` alive.
 *
 * @throws `INVALID_ARGUMENT` for incompatible options, `BACKEND_UNAVAILABLE` when the packages are not installed
 *   or no GPU is found. After its device is lost, the backend's calls throw `DEVICE_LOST`; you can open another one in the
 *   same process
 * @example const backend = await createWebGpuNodeBackend();
 */
export async function createWebGpuNodeBackend(options: WebGpuBackendOptions = {}): Promise<Backend> {
  checkOptions(name, options);
  const [tf, webgpu, dawn] = await orUnavailable({ name, hint: install }, async () => {
    const tf = await import('@tensorflow/tfjs-core');
    return [
      tf,
      await loadKernels(tf, () => import('@tensorflow/tfjs-backend-webgpu')),
      (await import(/* webpackIgnore: true */ /* @vite-ignore */ packageName)) as typeof dawnModule,
    ] as const;
  });
  const { ownKernels, weights } = options;
  return orUnavailable({ name, hint: needs }, async () => {
    defineMissingGlobals(dawn.globals as Readonly<Record<string, unknown>>);
    if (options.device) {
      const { device } = options;
      return withNavigator({}, () =>
        createDeviceBackend(tf, webgpu, { name, device, own: false, info: undefined, ownKernels, weights }),
      );
    }
    const gpu = dawnInstance(dawn);
    return onOwnDevice(gpu, (device, info, onClose) =>
      withNavigator(gpu, () =>
        createDeviceBackend(tf, webgpu, { name, device, own: true, info, ownKernels, weights, onClose }),
      ),
    );
  });
}

let sharedInstance: Gpu | undefined;

/**
 * The only instance of Dawn, kept until the process ends: Dawn crashes if an instance is garbage-collected between two of its
 * turns in the event loop. Without an open device it does not keep the process alive.
 */
function dawnInstance({ create }: typeof dawnModule): Gpu {
  sharedInstance ??= create([]) as unknown as Gpu;
  return sharedInstance;
}

function defineMissingGlobals(globals: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(globals)) {
    if (!(key in globalThis)) Object.defineProperty(globalThis, key, { value, configurable: true });
  }
}

/** tfjs requires `navigator.gpu` to create its backend, and does not use it later. */
function withNavigator<T>(gpu: object, body: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  try {
    return body();
  } finally {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  }
}
