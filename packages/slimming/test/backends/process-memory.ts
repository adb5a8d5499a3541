/** What a Node process holds, once garbage is collected. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** MB in JavaScript's heap and in buffers beside it, and MB that the system sees. */
export async function processMegabytes(): Promise<{ readonly reachable: number; readonly resident: number }> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((done) => setTimeout(done, 20)); // finalisers run between tasks
  }
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return { reachable: (heapUsed + external + arrayBuffers) / 2 ** 20, resident: rss / 2 ** 20 };
}
