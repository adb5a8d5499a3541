/**
 * tfjs-node calls functions of `node:util` that Node 23 removed. While its modules load, their `require('util')`
 * returns a `util` that has them; the rest of the process is unaffected.
 */

import type { Module } from 'node:module';

/** The removed functions that tfjs-node 4.22 calls in every op. */
const removedFunctions = {
  isArray: Array.isArray,
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
};

/** `require(packageName)` as seen from the module at `from`. */
export function requireWithOldUtil(packageName: string, from: string): unknown {
  // Not imported, because browser bundlers would fail to find the module; browsers never call this.
  const { createRequire, Module } = process.getBuiltinModule('node:module');
  const util = process.getBuiltinModule('node:util');
  const { prototype } = Module;
  const require = Object.getOwnPropertyDescriptor(prototype, 'require')!;
  const oldUtil = Object.assign(Object.create(util) as object, removedFunctions);
  Object.defineProperty(prototype, 'require', {
    ...require,
    value(this: Module, id: string): unknown {
      const asksForUtil = id === 'util' && this.filename.replaceAll('\\', '/').includes(`/${packageName}/`);
      return asksForUtil ? oldUtil : (require.value as (this: Module, id: string) => unknown).call(this, id);
    },
  });
  try {
    return createRequire(from)(packageName) as unknown;
  } finally {
    Object.defineProperty(prototype, 'require', require);
  }
}
