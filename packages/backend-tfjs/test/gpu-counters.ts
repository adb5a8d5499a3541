/** What a WebGPU device is asked to do, counted at the device itself: dispatches, bytes written, bytes held. */

import type { GpuDevice } from '../src/gpu.js';

export interface GpuCounts {
  readonly dispatches: number;
  /** Sizes of the buffers that the dispatches write: tfjs binds the result first, and a dispatch writes it in full. */
  readonly bytesWritten: number;
}

/** The methods that tfjs works with, as far as they are looked at here. */
interface CountedDevice {
  createBuffer(descriptor: object): CountedBuffer;
  createBindGroup(descriptor: { readonly entries: Iterable<BindGroupEntry> }): object;
  createCommandEncoder(...rest: unknown[]): {
    beginComputePass(...rest: unknown[]): {
      setBindGroup(index: number, group: object, ...rest: unknown[]): void;
      dispatchWorkgroups(...counts: number[]): void;
    };
  };
}
interface CountedBuffer {
  readonly size: number;
  destroy(): void;
}
interface BindGroupEntry {
  readonly binding: number;
  readonly resource: { readonly buffer?: CountedBuffer };
}

export interface GpuCounter {
  /** What was counted while `body` ran. */
  count(body: () => Promise<void>): Promise<GpuCounts>;
  /** What all buffers of the device take now, in bytes. */
  readonly bytes: number;
  /** The most that all buffers of the device took at one time, in bytes. */
  readonly peakBytes: number;
}

/** Counts on `device` from now on. The device does all it is asked for, as before. */
export function countGpu(device: GpuDevice): GpuCounter {
  const counted = device as unknown as CountedDevice;
  let dispatches = 0;
  let bytesWritten = 0;
  let bytes = 0;
  let peakBytes = 0;
  const written = new WeakMap<object, number>();

  const createBuffer = counted.createBuffer.bind(device);
  counted.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    const { size } = buffer;
    bytes += size;
    peakBytes = Math.max(peakBytes, bytes);
    const destroy = buffer.destroy.bind(buffer);
    let alive = true;
    buffer.destroy = () => {
      if (alive) bytes -= size;
      alive = false;
      destroy();
    };
    return buffer;
  };

  const createBindGroup = counted.createBindGroup.bind(device);
  counted.createBindGroup = (descriptor) => {
    const group = createBindGroup(descriptor);
    const result = [...descriptor.entries].find(({ binding }) => binding === 0);
    written.set(group, result!.resource.buffer!.size);
    return group;
  };

  const createCommandEncoder = counted.createCommandEncoder.bind(device);
  counted.createCommandEncoder = (...rest) => {
    const encoder = createCommandEncoder(...rest);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (...rest) => {
      const pass = beginComputePass(...rest);
      const setBindGroup = pass.setBindGroup.bind(pass);
      const dispatchWorkgroups = pass.dispatchWorkgroups.bind(pass);
      let bound = 0;
      pass.setBindGroup = (index, group, ...rest) => {
        bound = written.get(group)!;
        setBindGroup(index, group, ...rest);
      };
      pass.dispatchWorkgroups = (...sizes) => {
        dispatches++;
        bytesWritten += bound;
        dispatchWorkgroups(...sizes);
      };
      return pass;
    };
    return encoder;
  };

  return {
    async count(body) {
      const before = { dispatches, bytesWritten };
      await body();
      return {
        dispatches: dispatches - before.dispatches,
        bytesWritten: bytesWritten - before.bytesWritten,
      };
    },
    get bytes() {
      return bytes;
    },
    get peakBytes() {
      return peakBytes;
    },
  };
}
