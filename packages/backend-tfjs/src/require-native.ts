/**
 * Loads tfjs-node with two substitutes, for its modules only and only while they load. It calls functions of `node:util` that
 * Node 23 removed: `require('util')` returns a `util` that has them. It asks node-pre-gyp for the path of its addon, which
 * looks in the package's own folder: with `addon`, the answer is that path.
 */

import type { Module } from 'node:module';

/** The removed functions that tfjs-node 4.22 calls in every op. */
const removedFunctions = {
  isArray: Array.isArray,
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
};

/**
 * `require(packageName)` as seen from the module at `from`.
 *
 * @param addon path of an addon to use in place of the package's own
 */
export function requireNative(packageName: string, from: string, addon?: string): unknown {
  // Not imported, because browser bundlers would fail to find the module; browsers never call this.
  const { createRequire, Module } = process.getBuiltinModule('node:module');
  const { sep } = process.getBuiltinModule('node:path');
  const util = process.getBuiltinModule('node:util');
  const { prototype } = Module;
  const require = Object.getOwnPropertyDescriptor(prototype, 'require')!;
  const substitutes = new Map<string, unknown>([
    ['util', Object.assign(Object.create(util) as object, removedFunctions)],
  ]);
  if (addon !== undefined) substitutes.set('@mapbox/node-pre-gyp', { find: () => addon });
  Object.defineProperty(prototype, 'require', {
    ...require,
    value(this: Module, id: string): unknown {
      const isTheirs = this.filename.split(sep).join('/').includes(`/${packageName}/`);
      if (isTheirs && substitutes.has(id)) return substitutes.get(id);
      return (require.value as (this: Module, id: string) => unknown).call(this, id);
    },
  });
  try {
    return createRequire(from)(packageName) as unknown;
  } finally {
    Object.defineProperty(prototype, 'require', require);
  }
}
