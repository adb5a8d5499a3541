/**
 * Whether Vulkan, through which WebGPU reaches the GPU in Node on Linux, can be there at all. Where it is not, Dawn would write
 * of it to stderr before it says so.
 */

import { isNode } from '@patchslim/tensor/files';

const loader = 'libvulkan.so.1';

/** Why there can be no GPU through Vulkan; undefined where there may be one, and where another interface is used. */
export function vulkanProblem(): string | undefined {
  if (!isNode() || process.platform !== 'linux') return undefined;
  if (!isLoadable(loader)) return `WebGPU has no adapter here: ${loader} cannot be loaded`;
  if (!hasDriver()) return 'WebGPU has no adapter here: no Vulkan driver is installed';
  return undefined;
}

/** The loader itself is no module of Node: what matters is at which step that is noticed. */
function isLoadable(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library);
  } catch (error) {
    return !/cannot open shared object|No such file/.test(String(error));
  }
  return true;
}

/** Whether the loader would find a file that describes a driver, by the variables and in the folders that it looks into. */
function hasDriver(): boolean {
  const { existsSync, readdirSync } = process.getBuiltinModule('node:fs');
  const path = process.getBuiltinModule('node:path');
  const { env } = process;
  const list = (paths = ''): string[] => paths.split(':').filter((each) => each !== '');
  const named = list(env['VK_DRIVER_FILES'] ?? env['VK_ICD_FILENAMES']);
  const added = list(env['VK_ADD_DRIVER_FILES']);
  if ([...named, ...added].some((file) => existsSync(file))) return true;
  if (named.length > 0) return false; // these and no others
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
