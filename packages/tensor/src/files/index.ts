/** Files that are whole or absent, and temporary folders that do not outlive their process for long (Node only). */

export { makeTemporaryFolder } from './temporary-folder.js';
export { writeWhole } from './write-whole.js';
