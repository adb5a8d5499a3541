/** Devices by the names that people use, and the backends that run on each. */

/**
 * The backends of a device, the fastest first. `cuda`, `webgpu` and `wasm` need no entry: backends bear these names.
 * @example
 * const { backend } = await pickBackend(devices.gpu);
 */
export const devices = {
  cpu: ['native', 'wasm'],
  gpu: ['cuda', 'tfjs-node-gpu', 'webgpu', 'tfjs-webgpu'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The backends that a name stands for: those of a device, else itself. */
export function backendsOf(name: string): readonly string[] {
  return Object.hasOwn(devices, name) ? devices[name as keyof typeof devices] : [name];
}
