/**
 * Checks for Vulkan, through which WebGPU uses the GPU in Node on Linux. Without it, Dawn would print to stderr
 * before it reports the error.
 */

import { isNode } from '@patchslim/tensor/files';

const loader = 'libvulkan.so.1';

/** The reason why Vulkan cannot provide a GPU; undefined if it may, or on systems that use another interface. */
export function vulkanProblem(): string | undefined {
  if (!isNode() || process.platform !== 'linux') return undefined;
  if (!isLoadable(loader)) return `WebGPU has no adapter here: ${loader} cannot be loaded`;
  if (!hasDriver()) return 'WebGPU has no adapter here: no Vulkan driver is installed';
  return undefined;
}

/** The loader is not a Node module, so loading always fails; the error shows whether the library was found. */
function isLoadable(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library);
  } catch (error) {
    return !/cannot open shared object|No such file/.test(String(error));
  }
  return true;
}

/** Whether the loader would find a driver manifest through its environment variables and folders. */
function hasDriver(): boolean {
  const { existsSync, readdirSync } = process.getBuiltinModule('node:fs');
  const path = process.getBuiltinModule('node:path');
  const { env } = process;
  const list = (paths = ''): string[] => paths.split(':').filter((each) => each !== '');
  const named = list(env['VK_DRIVER_FILES'] ?? env['VK_ICD_FILENAMES']);
  const added = list(env['VK_ADD_DRIVER_FILES']);
  if ([...named, ...added].some((file) => existsSync(file))) return true;
  if (named.length > 0) return false; // the loader searches only these
  const home = env['HOME'] ?? '';
  const roots = [
    ...list(env['XDG_CONFIG_HOME'] ?? path.join(home, '.config')),
    ...list(env['XDG_CONFIG_DIRS'] ?? '/etc/xdg'),
    ...['/etc', '/usr/local/etc'],
    ...list(env['XDG_DATA_HOME'] ?? path.join(home, '.local/share')),
    ...list(env['XDG_DATA_DIRS'] ?? '/usr/local/share:/usr/share'),
  ];
  return roots
    .map((root) => path.join(root, 'vulkan/icd.d'))
    .filter((folder) => existsSync(folder))
    .some((folder) => readdirSync(folder).some((name) => name.endsWith('.json')));
}
