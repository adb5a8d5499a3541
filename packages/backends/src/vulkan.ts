/**
 * Checks for Vulkan, through which WebGPU uses the GPU in Node on Linux. Without it, Dawn would print to stderr
 * before it reports the error.
 */

import { pathList, settingsFolders, usesVulkan, vulkanLoader } from '@patchslim/tensor/files';

/** The reason why Vulkan cannot provide a GPU; undefined if it may, or on systems that use another interface. */
export function vulkanProblem(): string | undefined {
  if (!usesVulkan()) return undefined;
  if (!isLoadable(vulkanLoader)) return `WebGPU has no adapter here: ${vulkanLoader} cannot be loaded`;
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
  const named = pathList(env['VK_DRIVER_FILES'] ?? env['VK_ICD_FILENAMES']);
  const added = pathList(env['VK_ADD_DRIVER_FILES']);
  if ([...named, ...added].some((file) => existsSync(file))) return true;
  if (named.length > 0) return false; // the loader searches only these
  return settingsFolders()
    .map((root) => path.join(root, 'vulkan/icd.d'))
    .filter((folder) => existsSync(folder))
    .some((folder) => readdirSync(folder).some((name) => name.endsWith('.json')));
}
