/** Tries every backend, and prints what was found. */

import { describeBackends } from '../../src/index.js';

console.log(JSON.stringify(await describeBackends()));
