/** Structural types for the part of WebGPU that this package uses, so that users need no library of types. */

import { PatchslimError } from '@patchslim/tensor';

/** The part of WebGPU's `GPUDevice` that this package uses. */
export interface GpuDevice {
  readonly lost: Promise<{ readonly reason?: string | undefined; readonly message: string }>;
  destroy(): void;
  addEventListener(type: 'uncapturederror', listener: (event: GpuErrorEvent) => void): void;
}

/** A command that the device refused; its result stays zero. */
export interface GpuErrorEvent {
  readonly error: { readonly message: string };
}

/** Options of the two WebGPU backends. */
export interface WebGpuBackendOptions {
  /** A `GPUDevice` to share; it stays yours and open. Without it, the backend requests one, which `close` destroys. */
  readonly device?: GpuDevice | undefined;
  /**
   * Whether this package's kernels run the ops for which tfjs needs many dispatches (see `webgpu-kernels`). `false` uses
   * only tfjs, for comparison or if a driver fails on our shaders. @default true
   */
  readonly ownKernels?: boolean | undefined;
  /**
   * Storage type on the GPU of constant weights of layers (`linear`) whose number of columns is a multiple of four. float16
   * takes half of the memory and keeps about three digits; sums stay float32. Works on every GPU and needs `ownKernels`.
   * @default 'float32'
   */
  readonly weights?: WeightStorage | undefined;
}

/** Storage type of weights on the GPU. */
export type WeightStorage = 'float32' | 'float16';

/** @throws `INVALID_ARGUMENT` */
export function checkOptions(name: string, { ownKernels = true, weights }: WebGpuBackendOptions): void {
  if (ownKernels || weights !== 'float16') return;
  throw new PatchslimError('INVALID_ARGUMENT', `${name}: float16 weights need ownKernels`);
}

export interface GpuAdapter {
  readonly limits: object;
  readonly info?: unknown;
  requestDevice(descriptor: { requiredLimits: Record<string, number> }): Promise<GpuDevice>;
}

/** `navigator.gpu`. */
export interface Gpu {
  requestAdapter(options: { powerPreference: 'high-performance' }): Promise<GpuAdapter | null>;
}

/** Limits that speed up tfjs's kernels; the device gets the adapter's maximum. */
const limitNames = [
  'maxBufferSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
] as const;

/** Creates a backend on its own device; destroys the device on close, or if the backend cannot be created. */
export async function onOwnDevice<T>(
  gpu: Gpu,
  open: (device: GpuDevice, info: unknown, onClose: () => void) => T,
): Promise<T> {
  const { device, info } = await requestDevice(gpu);
  try {
    return open(device, info, () => device.destroy());
  } catch (error) {
    device.destroy();
    throw error;
  }
}

/** Requests a device, with the adapter info that tfjs needs. Throws if there is no adapter. */
export async function requestDevice(gpu: Gpu): Promise<{ device: GpuDevice; info: unknown }> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('WebGPU has no adapter here');
  const limits = adapter.limits as Readonly<Record<string, number>>;
  const requiredLimits = Object.fromEntries(limitNames.map((name) => [name, limits[name]!]));
  return { device: await adapter.requestDevice({ requiredLimits }), info: adapter.info };
}
