/** Former names of backends. Older plans and schedules still use them. */

const earlierNames: Readonly<Record<string, string>> = {
  'onnx-cpu': 'native',
  'onnx-webgpu': 'webgpu',
  'onnx-cuda': 'cuda',
  'onnx-web-wasm': 'wasm',
  'onnx-web-webgpu': 'webgpu',
  'tfjs-webgpu-node': 'tfjs-webgpu',
};

/** The current name of a backend: `native` for `onnx-cpu`. Other names are unchanged. */
export function currentBackendName(name: string): string {
  return Object.hasOwn(earlierNames, name) ? earlierNames[name]! : name;
}

/** The text of a schedule, with the current name of the backend in a time budget. */
export function withCurrentBackendName(schedule: string): string {
  return schedule.replace(
    /^(budget:.+ms@)([a-z0-9-]+)$/,
    (_, time: string, backend: string) => time + currentBackendName(backend),
  );
}
