/** Names that backends had before each had one. Plans and schedules written with them still mean the same backend. */

const earlierNames: Readonly<Record<string, string>> = {
  'onnx-cpu': 'native',
  'onnx-webgpu': 'webgpu',
  'onnx-cuda': 'cuda',
  'onnx-web-wasm': 'wasm',
  'onnx-web-webgpu': 'webgpu',
  'tfjs-webgpu-node': 'tfjs-webgpu',
};

/** The name of a backend today: `native` for `onnx-cpu`. Any other name stays as it is. */
export function currentBackendName(name: string): string {
  return Object.hasOwn(earlierNames, name) ? earlierNames[name]! : name;
}

/** The text of a schedule with the backend of a time budget under its name of today. */
export function withCurrentBackendName(schedule: string): string {
  return schedule.replace(
    /^(budget:.+ms@)([a-z0-9-]+)$/,
    (_, time: string, backend: string) => time + currentBackendName(backend),
  );
}
