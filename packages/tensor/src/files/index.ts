/**
 * Node's file modules, imported on use; atomic file writes; temporary folders, removed soon after their
 * process ends. Importing this has no side effects, so browser bundles may include it.
 */

export { cacheFolder, cacheHome } from './cache-folder.js';
export { isNode, nodeFs, nodeOs, nodePath } from './node.js';
export {
  lacksNvidiaDriver,
  linkFile,
  onStop,
  pathList,
  settingsFolders,
  systemName,
  usesVulkan,
  vulkanLoader,
} from './platform.js';
export { readWhole, TooLarge } from './read-whole.js';
export { renameFile } from './rename.js';
export { makeTemporaryFolder, makeTemporaryTree } from './temporary-folder.js';
export { writeWhole } from './write-whole.js';
