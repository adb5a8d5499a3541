/** A worker with its own GPU devices: on request it destroys the last one, as a browser or a driver might. */

import { createTasks, serveTasks } from '../../src/serve.js';
import type { GpuDevice } from '@patchslim/backend-tfjs/webgpu';

const scope = globalThis as unknown as {
  navigator: { gpu: { requestAdapter(): Promise<{ requestDevice(): Promise<GpuDevice> }> } };
  addEventListener(type: 'message', listener: (event: { data: { tell?: string } }) => void): void;
  postMessage(message: unknown): void;
};
const devices: GpuDevice[] = [];
let lost = 0;

async function requestDevice(): Promise<GpuDevice> {
  const device = await (await scope.navigator.gpu.requestAdapter()).requestDevice();
  devices.push(device);
  void device.lost.then(() => lost++);
  return device;
}

async function tell(what: string): Promise<void> {
  if (what === 'lose') {
    devices.at(-1)!.destroy();
    await devices.at(-1)!.lost;
  }
  scope.postMessage({ told: { devices: devices.length, lost } });
}

scope.addEventListener('message', ({ data }) => {
  if (data.tell !== undefined) void tell(data.tell);
});
serveTasks(createTasks({ requestDevice }));
