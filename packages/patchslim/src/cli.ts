/** The command as a library: `import { main } from 'patchslim/cli'`. */

export { commandHelp } from './help.js';
export { main, type ExitStatus, type MainOptions } from './main.js';
export { commands } from './registry.js';
export { transformersClass } from './transformers-js.js';
