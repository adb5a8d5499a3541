/** Tries every backend and prints the findings. */

import { describeBackends } from '../../src/index.js';

console.log(JSON.stringify(await describeBackends()));
