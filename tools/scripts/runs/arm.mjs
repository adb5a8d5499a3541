// Node for ARM on another processor, through QEMU: `apt-get install` of `armEmulator.packages` once.
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { armEmulator, link } from '../../testing/platform.mjs';
import { fetchPackage, nodeBinary } from '../../testing/runtimes/index.mjs';
import { root } from '../workspace.mjs';

/** Native parts of Vite for ARM; npm installed only those of this processor. */
const rollup = '@rollup/rollup-linux-arm64-gnu';

/** Tests that start further processes: without the kernel's help, an ARM process cannot start another. */
const startProcesses = ['packages/tensor/src/files/**', '**/*.fuzz.test.ts'];

/** How to start an emulated Node, as `native` of on-node.mjs tells it of others. */
export async function emulated(major) {
  const { program, libraries, packages } = armEmulator;
  if (!existsSync(program) || !existsSync(libraries)) {
    throw new Error(`no emulator of ARM: apt-get install ${packages.join(' ')}`);
  }
  return {
    program,
    args: ['-L', libraries, await nodeBinary(major, 'arm64')],
    env: {
      NODE_PATH: await modulesFor(rollup),
      // A program of its own, so that this processor's will do.
      ESBUILD_BINARY_PATH: join(root, 'node_modules/@esbuild/linux-x64/bin/esbuild'),
    },
    // Threads, because processes cannot be started; long times, because an emulated processor is ten times slower.
    options: [
      '--pool=threads',
      '--maxWorkers=1',
      '--testTimeout=1200000',
      '--hookTimeout=1200000',
      ...['node', 'node-together'].map((name) => `--project=${name}`),
      ...startProcesses.map((pattern) => `--exclude=${pattern}`),
    ],
    system: 'linux-arm64-emulated',
  };
}

/** A folder of modules with this package, as the lock file has it. */
async function modulesFor(name) {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const { version, integrity } = packages[`node_modules/${name}`];
  const modules = join(root, 'node_modules/.cache/patchslim/arm-modules');
  const place = join(modules, name);
  const folder = await fetchPackage({ name, version, integrity });
  await mkdir(dirname(place), { recursive: true });
  if (!existsSync(place)) await link(folder, place);
  return modules;
}
