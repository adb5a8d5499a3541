/** The package managers of the rehearsal: how each installs a project from the local registry, and runs a program in it. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npmCommand } from '@patchslim/testing';
import { runNode, runProgram, type ProgramOutput } from '../run-program.js';
import { root } from '../workspace-packages.js';
import type { Tools } from './tools.js';

/** A project into which a manager installed the packages. */
export interface Project {
  readonly folder: string;
  /** Runs a file with the runtime of the manager. */
  readonly runFile: (path: string, args?: readonly string[]) => Promise<ProgramOutput>;
  /** Runs the command of an installed package. */
  readonly runBin: (name: string, args: readonly string[]) => Promise<ProgramOutput>;
}

export interface Manager {
  /** As the table prints it. */
  readonly name: string;
  readonly version: string;
  install(folder: string, registry: string): Promise<Project>;
}

export async function listManagers({ file, versions }: Tools): Promise<Manager[]> {
  const npm = npmCommand([]);
  const npmVersion = (await runProgram(npm.program, [...npm.args, '--version'], root)).stdout.trim();
  const inNode = (folder: string): Project['runFile'] => {
    return (path, args = []) => runNode([path, ...args], folder);
  };
  return [
    {
      name: 'npm',
      version: npmVersion,
      async install(folder, registry) {
        await writeFile(join(folder, '.npmrc'), npmrc(folder, registry));
        await runProgram(npm.program, [...npm.args, 'install', '--no-audit', '--no-fund'], folder);
        const runBin: Project['runBin'] = (name, args) =>
          runProgram(npm.program, [...npm.args, 'exec', '--no', '--', name, ...args], folder);
        return { folder, runFile: inNode(folder), runBin };
      },
    },
    {
      name: 'pnpm',
      version: versions['pnpm']!,
      async install(folder, registry) {
        const pnpm = file('.bin/pnpm');
        await writeFile(join(folder, '.npmrc'), `registry=${registry}\n`);
        // It waits a day before it installs a new release, unless told otherwise.
        const settings = { minimumReleaseAge: 0, ignoreScripts: true, storeDir: join(folder, '.store') };
        await writeFile(join(folder, 'pnpm-workspace.yaml'), yaml(settings));
        await runProgram(pnpm, ['install', '--no-frozen-lockfile'], folder, { CI: 'true' });
        const runBin: Project['runBin'] = (name, args) => runProgram(pnpm, ['exec', name, ...args], folder);
        return { folder, runFile: inNode(folder), runBin };
      },
    },
    {
      name: 'yarn 1',
      version: versions['yarn']!,
      async install(folder, registry) {
        const yarn = file('yarn/bin/yarn.js');
        await writeFile(join(folder, '.npmrc'), `registry=${registry}\n`);
        await writeFile(join(folder, '.yarnrc'), `registry "${registry}"\n`);
        const options = [
          '--ignore-scripts',
          '--non-interactive',
          '--cache-folder',
          join(folder, '.yarn-cache'),
        ];
        await runNode([yarn, 'install', ...options], folder);
        const runBin: Project['runBin'] = (name, args) =>
          runNode([yarn, '--silent', 'run', name, ...args], folder);
        return { folder, runFile: inNode(folder), runBin };
      },
    },
    ...(['node-modules', 'pnp'] as const).map((linker): Manager => ({
      name: linker === 'pnp' ? 'yarn 4 PnP' : 'yarn 4',
      version: versions['@yarnpkg/cli-dist']!,
      async install(folder, registry) {
        const yarn = file('@yarnpkg/cli-dist/bin/yarn.js');
        const settings = {
          npmRegistryServer: registry,
          unsafeHttpWhitelist: ['127.0.0.1'],
          nodeLinker: linker,
          enableScripts: false,
          enableTelemetry: false,
          enableGlobalCache: false,
          enableImmutableInstalls: false,
          npmMinimalAgeGate: 0,
        };
        await writeFile(join(folder, '.yarnrc.yml'), yaml(settings));
        await writeFile(join(folder, 'yarn.lock'), ''); // so that no project above is taken for its root
        await runNode([yarn, 'install'], folder);
        const runFile: Project['runFile'] = (path, args = []) =>
          runNode([yarn, 'node', path, ...args], folder);
        const runBin: Project['runBin'] = (name, args) => runNode([yarn, 'run', name, ...args], folder);
        return { folder, runFile: linker === 'pnp' ? runFile : inNode(folder), runBin };
      },
    })),
    {
      name: 'Bun',
      version: versions['bun']!,
      async install(folder, registry) {
        const bun = file('.bin/bun');
        await writeFile(
          join(folder, 'bunfig.toml'),
          `[install]\nregistry = "${registry}"\ncache = ".bun-cache"\n`,
        );
        await runProgram(bun, ['install', '--ignore-scripts'], folder);
        return {
          folder,
          runFile: (path, args = []) => runProgram(bun, [path, ...args], folder),
          runBin: (name, args) => runProgram(bun, ['--bun', 'run', name, ...args], folder),
        };
      },
    },
    {
      name: 'Deno',
      version: versions['deno']!,
      async install(folder, registry) {
        const deno = file('.bin/deno');
        const env = {
          NPM_CONFIG_REGISTRY: registry,
          DENO_DIR: join(folder, '.deno'),
          DENO_NO_UPDATE_CHECK: '1',
        };
        const settings = { nodeModulesDir: 'auto', minimumDependencyAge: '0' };
        await writeFile(join(folder, 'deno.json'), JSON.stringify(settings));
        await runProgram(deno, ['install'], folder, env);
        return {
          folder,
          runFile: (path, args = []) => runProgram(deno, ['run', '-A', path, ...args], folder, env),
          runBin: (name, args) => runProgram(deno, ['run', '-A', `npm:${name}`, ...args], folder, env),
        };
      },
    },
  ];
}

const npmrc = (folder: string, registry: string): string =>
  [`registry=${registry}`, 'ignore-scripts=true', `cache=${join(folder, '.npm-cache')}`, ''].join('\n');

/** YAML of a flat object: JSON values are YAML. */
const yaml = (settings: Readonly<Record<string, unknown>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('');
