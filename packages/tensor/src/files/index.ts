/**
 * Node's file modules, imported on use; files that are whole or absent; temporary folders that do not outlive their process for
 * long. Importing this does nothing, so it may stand in what a browser loads.
 */

export { isNode, nodeFs, nodeOs, nodePath } from './node.js';
export { renameFile } from './rename.js';
export { makeTemporaryFolder } from './temporary-folder.js';
export { writeWhole } from './write-whole.js';
