/**
 * tfjs-node calls functions of `node:util` that Node 23 has removed. While its modules are loaded, their `require('util')`
 * gives a `util` that has them; nothing else in the process sees a difference, then or later.
 */

import type { Module } from 'node:module';

/** Those that tfjs-node 4.22 calls; it does so whenever an op runs. */
const removedFunctions = {
  isArray: Array.isArray,
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
};

/** `require(packageName)` as seen from the module at `from`. */
export function requireWithOldUtil(packageName: string, from: string): unknown {
  // Not imported: bundlers for browsers, where this is never called, would look for what they cannot find.
  const { createRequire, Module } = process.getBuiltinModule('node:module');
  const { sep } = process.getBuiltinModule('node:path');
  const util = process.getBuiltinModule('node:util');
  const { prototype } = Module;
  const require = Object.getOwnPropertyDescriptor(prototype, 'require')!;
  const oldUtil = Object.assign(Object.create(util) as object, removedFunctions);
  Object.defineProperty(prototype, 'require', {
    ...require,
    value(this: Module, id: string): unknown {
      const asksForUtil = id === 'util' && this.filename.split(sep).join('/').includes(`/${packageName}/`);
      return asksForUtil ? oldUtil : (require.value as (this: Module, id: string) => unknown).call(this, id);
    },
  });
  try {
    return createRequire(from)(packageName) as unknown;
  } finally {
    Object.defineProperty(prototype, 'require', require);
  }
}
