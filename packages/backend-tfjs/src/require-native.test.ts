/** The substitutes for modules, tested with a stand-in for tfjs-node that requires them. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Module } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as util from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requireNative } from './require-native.js';

const packageName = '@tensorflow/tfjs-node';
let folder = '';

async function writePackage(name: string, code: string): Promise<void> {
  const path = join(folder, 'node_modules', name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'package.json'), JSON.stringify({ name, main: 'index.js' }));
  await writeFile(join(path, 'index.js'), code);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-util-'));
  await writePackage('neighbour', `exports.util = require('util');`);
  await writePackage(
    packageName,
    `exports.util = require('util'); exports.neighbour = require('neighbour').util;`,
  );
  await writePackage(`${packageName}-gpu`, `require('util'); throw new Error('no addon');`);
});

afterAll(() => rm(folder, { recursive: true }));

it('gives them permanently to that package alone', () => {
  const before = Object.getOwnPropertyDescriptor(Module.prototype, 'require');
  const loaded = requireNative(packageName, join(folder, 'main.js')) as Record<
    'util' | 'neighbour',
    typeof util & { isNullOrUndefined(value: unknown): boolean }
  >;
  expect([undefined, null, 0].map((value) => loaded.util.isNullOrUndefined(value))).toEqual([
    true,
    true,
    false,
  ]);
  expect([[], {}].map((value) => loaded.util.isArray(value))).toEqual([true, false]);
  expect(loaded.util.promisify).toBe(util.promisify);
  expect(loaded.neighbour).not.toBe(loaded.util);
  expect(Object.getOwnPropertyDescriptor(Module.prototype, 'require')).toEqual(before);
});

it('undoes the change when the package fails to load', () => {
  const before = Object.getOwnPropertyDescriptor(Module.prototype, 'require');
  expect(() => requireNative(`${packageName}-gpu`, join(folder, 'main.js'))).toThrow('no addon');
  expect(Object.getOwnPropertyDescriptor(Module.prototype, 'require')).toEqual(before);
});

it('gives its own addon to that package alone', async () => {
  const name = '@tensorflow/tfjs-node-with-addon';
  await writePackage('@mapbox/node-pre-gyp', `exports.find = () => 'the own one';`);
  await writePackage('other', `exports.path = require('@mapbox/node-pre-gyp').find();`);
  await writePackage(
    name,
    `exports.path = require('@mapbox/node-pre-gyp').find('package.json'); exports.other = require('other').path;`,
  );
  const loaded = requireNative(name, join(folder, 'main.js'), '/built/addon.node');
  expect(loaded).toEqual({ path: '/built/addon.node', other: 'the own one' });
});
