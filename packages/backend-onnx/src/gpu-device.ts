/** The GPU of a page: a device for ONNX Runtime, and the news that it is gone. */

import { PatchslimError } from '@patchslim/tensor';

/** The part of WebGPU's `GPUDevice` that is used here: its types are no dependency of this package. */
export interface GpuDevice {
  readonly lost: Promise<{ readonly reason?: string | undefined; readonly message: string }>;
  destroy(): void;
}

/** The part of WebGPU's `GPUAdapter` that is used here. */
interface GpuAdapter {
  readonly features: ReadonlySet<string>;
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(wanted: {
    readonly requiredFeatures: readonly string[];
    readonly requiredLimits: Readonly<Record<string, number>>;
  }): Promise<GpuDevice>;
}

interface Gpu {
  requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<GpuAdapter | null>;
}

/** What ONNX Runtime's shaders make use of where it is there. */
const usefulFeatures = ['shader-f16', 'subgroups'];

/** Limits that WebGPU sets low unless a device is asked for more; weights and large matrices need all there is. */
const usefulLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
];

/** A device of the fastest GPU. @throws Error with the reason why there is none */
export async function requestGpuDevice(): Promise<GpuDevice> {
  const { gpu } = (globalThis as { readonly navigator?: { readonly gpu?: Gpu } }).navigator ?? {};
  if (!gpu) throw new Error('there is no navigator.gpu: the browser lacks WebGPU, or the page is not secure');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('WebGPU found no adapter');
  return adapter.requestDevice({
    requiredFeatures: usefulFeatures.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(
      usefulLimits.flatMap((limit) =>
        adapter.limits[limit] === undefined ? [] : [[limit, adapter.limits[limit]]],
      ),
    ),
  });
}

/** Remembers whether a device is lost; the function returned throws `DEVICE_LOST` from then on. */
export function watchGpuDevice(device: GpuDevice, runtime: string): () => void {
  let lost: PatchslimError | undefined;
  void device.lost.then(({ reason = 'unknown', message }) => {
    lost = new PatchslimError(
      'DEVICE_LOST',
      `the GPU device of ${runtime} is lost (${reason}: ${message}); its programs are gone, open the backend anew`,
      { reason, message },
    );
  });
  return () => {
    if (lost) throw lost;
  };
}
