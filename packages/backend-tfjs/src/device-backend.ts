/** tfjs's WebGPU backend on a given device: what the browser and Node have in common. */

import type { Backend } from '@patchslim/tensor';
import type * as webgpu from '@tensorflow/tfjs-backend-webgpu';
import type { GpuDevice, WeightStorage } from './gpu.js';
import { createOwnBackend } from './own-instance.js';
import type { Tfjs } from './tfjs.js';
import { createHalfWeights } from './webgpu-kernels/half-weights.js';
import { createOwnKernels } from './webgpu-kernels/index.js';

export interface DeviceBackendOptions {
  readonly name: string;
  readonly device: GpuDevice;
  /** Whether nobody else uses the device: all that goes wrong on it is this backend's then. */
  readonly own: boolean;
  /** `info` of the device's adapter. */
  readonly info: unknown;
  /** See `WebGpuBackendOptions`. */
  readonly ownKernels: boolean | undefined;
  /** See `WebGpuBackendOptions`. */
  readonly weights: WeightStorage | undefined;
  /** Called by `close`. */
  readonly onClose?: (() => void) | undefined;
}

/** Losing the device turns all later calls into `DEVICE_LOST`; an error of an own device comes out where values are read. */
export function createDeviceBackend(
  tf: Tfjs,
  { WebGPUBackend }: typeof webgpu,
  { name, device, own, info, ownKernels = true, weights, onClose }: DeviceBackendOptions,
): Backend {
  type Arguments = ConstructorParameters<typeof WebGPUBackend>;
  const instance = new WebGPUBackend(device as unknown as Arguments[0], info as Arguments[1]);
  // Small tensors would otherwise be computed in JavaScript now and then: one way to compute is easier to rely on. tfjs's flag
  // for it, WEBGPU_CPU_FORWARD, would hold for the whole process.
  instance.shouldExecuteOnCPU = () => false;
  const lost = device.lost.then(({ reason, message }) => message || reason || 'no reason given');
  const problem = own ? firstProblem(device) : undefined;
  const half = weights === 'float16' ? createHalfWeights(tf) : undefined;
  const kernels = ownKernels ? createOwnKernels(tf, instance, half?.halvesOf) : undefined;
  const constants = half?.watcher;
  // All buffers that were made and not destroyed: those in use, and those that wait to be used again.
  const deviceBytes = () => instance.memory().numBytesAllocatedInGPU;
  return createOwnBackend(tf, 'webgpu', instance, {
    ...{ name, kernels, constants, lost, problem, deviceBytes, onClose },
  });
}

/** tfjs does not look at errors of the device: a shader that does not compile would give zeros and no word of it. */
function firstProblem(device: GpuDevice): () => string | undefined {
  let first: string | undefined;
  device.addEventListener('uncapturederror', ({ error }) => {
    first ??= error.message;
  });
  return () => first;
}
