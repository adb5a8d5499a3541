/** Opens WASM without the .wasm files, and prints the error. */

import { createWasmBackend } from '../../src/wasm.js';

const error = await createWasmBackend({ wasmPaths: '/nowhere/' }).catch((reason: unknown) => reason);
console.log(JSON.stringify(error instanceof Error ? { ...error, message: error.message } : error));
