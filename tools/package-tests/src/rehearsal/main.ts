/**
 * The release rehearsal: publishes all packages to a local registry, installs them from there with every package manager, and runs
 * the consumers. `node tools/scripts/release-rehearsal.mjs` builds first and starts this file.
 */

import { systemName } from '@patchslim/testing/platform';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ChromiumOptions } from '../open-in-chromium.js';
import { runProgram } from '../run-program.js';
import { readPackages, root } from '../workspace-packages.js';
import { listConsumers, type Consumer } from './consumers.js';
import { listManagers, type Manager } from './managers.js';
import { publishAll, startRegistry } from './registry.js';
import { outcomeOf, type ConsumerResults, type ManagerResults, type Outcome } from './results.js';
import { installTools } from './tools.js';

const { values } = parseArgs({
  options: {
    managers: { type: 'string' },
    consumers: { type: 'string' },
    out: { type: 'string' },
    chromium: { type: 'string' }, // the browser, as JSON
    keep: { type: 'boolean', default: false },
  },
});
const chromium = JSON.parse(values.chromium!) as ChromiumOptions;
const scratch = await mkdtemp(join(await realpath(tmpdir()), 'patchslim-rehearsal-'));
const tools = await installTools();
const packages = await readPackages();
const names = packages.map(({ manifest }) => manifest.name).sort();
const { version } = packages[0]!.manifest;

const consumers = chosen(listConsumers(installedVersion), values.consumers, 'consumer');
const allManagers = await listManagers(tools);
const managers = chosen(allManagers, values.managers, 'manager');

const commit = (await runProgram('git', ['rev-parse', '--short', 'HEAD'], root)).stdout.trim();
console.log(`Publishing ${names.length} packages of version ${version} to a local registry …`);
const registry = await startRegistry(tools, join(scratch, 'registry'));
const results: ManagerResults[] = [];
try {
  await publishAll(registry, names, scratch);
  for (const manager of managers) results.push(await tryManager(manager));
} finally {
  await registry.stop();
}

const report: ConsumerResults = {
  version,
  node: process.versions.node,
  platform: systemName,
  published: names,
  versions: { nx: installedVersion('nx'), verdaccio: tools.versions['verdaccio']!, ...needsOf(consumers) },
  managers: withEarlier(results),
};
if (values.out !== undefined) await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`);
const failures = results.flatMap(({ name, install, consumers }) =>
  Object.entries({ installation: install, ...consumers }).flatMap(([what, outcome]) =>
    outcome.status === 'failed' ? [`${name}, ${what}: ${outcome.error}`] : [],
  ),
);
if (failures.length > 0)
  console.error(`\n${failures.join('\n\n')}\n\n${failures.length} failed; see ${scratch}`);
else if (!values.keep) await rm(scratch, { recursive: true });
process.exitCode = failures.length > 0 ? 1 : 0;

/** With `--managers`, the results of the others in the file stay. In the order of all managers. */
function withEarlier(fresh: readonly ManagerResults[]): ManagerResults[] {
  const { out } = values;
  const earlier =
    out !== undefined && existsSync(out)
      ? (JSON.parse(readFileSync(out, 'utf8')) as ConsumerResults).managers
      : [];
  return allManagers.flatMap(({ name }) => {
    const found = [...fresh, ...earlier].find((one) => one.name === name);
    return found === undefined ? [] : [found];
  });
}

/** Installs one project with a manager and runs all consumers in it. */
async function tryManager(manager: Manager): Promise<ManagerResults> {
  const folder = join(scratch, manager.name.replace(/\W+/g, '-'));
  await mkdir(folder, { recursive: true });
  const tried = consumers.filter(({ except }) => except[manager.name] === undefined);
  await writeFile(join(folder, 'package.json'), JSON.stringify(projectManifest(tried), null, 2));
  let project: Awaited<ReturnType<Manager['install']>> | undefined;
  const install = await outcomeOf(async () => {
    project = await manager.install(folder, registry.url);
  });
  show(manager.name, 'installation', install);
  const outcomes: Record<string, Outcome> = {};
  for (const consumer of consumers) {
    const reason = consumer.except[manager.name];
    const outcome: Outcome =
      reason !== undefined
        ? { status: 'not tried', reason }
        : project === undefined
          ? { status: 'not tried', reason: 'the installation failed' }
          : await outcomeOf(() => consumer.run(project!, chromium));
    outcomes[consumer.name] = outcome;
    show(manager.name, consumer.name, outcome);
  }
  return {
    ...{ name: manager.name, version: manager.version },
    ...{ date: new Date().toISOString(), commit },
    ...{ install, consumers: outcomes },
  };
}

/** Packages of npm, by name, with their versions. */
function needsOf(list: readonly Consumer[]): Record<string, string> {
  return Object.fromEntries(list.flatMap(({ needs }) => Object.entries(needs)));
}

/** What the programs import. */
function projectManifest(tried: readonly Consumer[]): object {
  const inPages = ['backends', 'browser', 'datasets', 'slimming', 'tensor', 'vit-models'];
  const own = ['patchslim', '@patchslim/fashion-vit', ...inPages.map((id) => `@patchslim/${id}`)];
  return {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: {
      ...Object.fromEntries(own.map((name) => [name, version])),
      'onnxruntime-web': installedVersion('onnxruntime-web'), // an optional peer, which the pages use
      ...needsOf(tried),
    },
  };
}

function show(manager: string, what: string, outcome: Outcome): void {
  const time = 'seconds' in outcome ? `${outcome.seconds.toFixed(1)} s` : outcome.reason;
  console.log(`${outcome.status.padEnd(9)}  ${manager.padEnd(12)} ${what.padEnd(12)} ${time}`);
  if (outcome.status === 'failed') console.log(outcome.error.split('\n').slice(-15).join('\n'));
}

/** The named entries of a list, or all. */
function chosen<T extends { readonly name: string }>(
  list: readonly T[],
  text: string | undefined,
  what: string,
) {
  if (text === undefined) return list;
  const wanted = text.split(',');
  const unknown = wanted.filter((name) => !list.some((each) => each.name === name));
  if (unknown.length > 0)
    throw new Error(`no ${what} ${unknown.join(', ')}; there are ${list.map(({ name }) => name).join(', ')}`);
  return list.filter(({ name }) => wanted.includes(name));
}

/** Of a package of this workspace's node_modules. */
function installedVersion(name: string): string {
  const text = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
