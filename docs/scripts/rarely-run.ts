/**
 * Tests and measures a backend that needs a download too large for every run, and keeps the result in rarely-run/, from which
 * guide/backends.md is made: `npm run rarely-run -w docs -- tfjs-node`, or tfjs-node-gpu; `--wheel PATH` as for `patchslim setup`; `--speed`
 * to measure only the speed anew.
 * The backend is set up in the ordinary cache and stays there. Without a GPU only the set-up of tfjs-node-gpu is tested.
 */

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { builtAddons } from '@patchslim/backend-tfjs/native-addon';
import { openBackend } from '@patchslim/backends';
import { isPatchslimError } from '@patchslim/tensor';
import type { BenchResults } from '@patchslim/testing';
import { conformanceRows, readResults, type FileResult } from './conformance-rows.js';
import { root } from './markdown/repository.js';
import { rareBackends, rareFile, readRareResults, type RareBackend, type RareResult } from './rare-result.js';

const tsx = ['--conditions=@patchslim/source', '--import=tsx'];

async function runRarely(backend: RareBackend, wheel: string | undefined): Promise<RareResult> {
  const env = {
    PATCHSLIM_TFJS_BACKEND: backend,
    PATCHSLIM_REQUIRE_DATA: '1',
    ...(wheel === undefined ? {} : { PATCHSLIM_WHEEL: wheel }),
  };
  const wheelArgs = wheel === undefined ? [] : ['--wheel', wheel];
  await node([...tsx, 'packages/patchslim/src/bin.ts', 'setup', backend, ...wheelArgs]);
  const lacking = await whatIsLacking(backend);
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tools/config/rarely-run.vitest.js'];
  await node([...vitest, ...(lacking === null ? [] : ['setup.rare'])], env);
  const results = await readResults([`${root}test-results/rarely-run.json`]);
  const [addon] = await builtAddons(`@tensorflow/${backend}`);
  const { packageVersion, tensorflow, cuda } = addon!.manifest;
  return {
    backend,
    date: new Date().toISOString(),
    versions: {
      node: process.versions.node,
      [backend]: packageVersion,
      tensorflow,
      ...(cuda && { cuda: cuda.version, cudnn: cuda.cudnn }),
    },
    lacking,
    conformance: conformanceRows('backend-tfjs', results)[0] ?? null,
    passed: titlesOf(results),
    top1:
      results.flatMap(({ assertionResults }) => assertionResults).find(({ meta }) => meta?.top1 !== undefined)
        ?.meta?.top1 ?? null,
    speed: lacking === null ? await measure(env) : null,
  };
}

/** The reason for which the backend does not open, if that is a GPU. */
async function whatIsLacking(backend: RareBackend): Promise<string | null> {
  try {
    await (await openBackend(backend)).close();
    return null;
  } catch (error) {
    if (isPatchslimError(error, 'BACKEND_UNAVAILABLE') && error.message.includes('no CUDA device'))
      return error.message;
    throw error;
  }
}

const titlesOf = (results: readonly FileResult[]): RareResult['passed'] =>
  Object.fromEntries(
    results
      .filter(({ name }) => name.endsWith('.rare.test.ts'))
      .map(({ name, assertionResults }) => {
        const titles = assertionResults.map(({ ancestorTitles, title }) =>
          [...ancestorTitles, title].join(' '),
        );
        return [relative(root, name).replaceAll('\\', '/'), titles] as const;
      })
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

async function measure(env: Readonly<Record<string, string>>): Promise<BenchResults> {
  const folder = await mkdtemp(join(tmpdir(), 'patchslim-rarely-run-'));
  try {
    const file = join(folder, 'bench.json');
    await node([...tsx, 'packages/slimming/bench/native-tfjs.ts'], { ...env, PATCHSLIM_BENCH: file });
    return JSON.parse(await readFile(file, 'utf8')) as BenchResults;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function node(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  const status = await new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
}

/** Everything, or the speed alone, which needs a machine that does nothing else. */
async function resultOf(
  backend: RareBackend,
  wheel: string | undefined,
  speedOnly: boolean,
): Promise<RareResult> {
  if (!speedOnly) return runRarely(backend, wheel);
  const before = (await readRareResults()).find((result) => result.backend === backend);
  if (before?.conformance == null) throw new Error(`${backend} was not run before; leave out --speed`);
  return { ...before, speed: await measure({ PATCHSLIM_TFJS_BACKEND: backend }) };
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { wheel: { type: 'string' }, speed: { type: 'boolean', default: false } },
});
const backend = rareBackends.find((name) => name === positionals[0]);
if (backend === undefined)
  throw new Error(`expected ${rareBackends.join(' or ')}, got '${positionals[0] ?? ''}'`);
const from = process.env['INIT_CWD'] ?? process.cwd(); // npm changes to the workspace
const wheel = values.wheel === undefined ? undefined : resolve(from, values.wheel);
const result = await resultOf(backend, wheel, values.speed);
await mkdir(`${root}docs/rarely-run`, { recursive: true });
await writeFile(rareFile(backend), `${JSON.stringify(result, null, 2)}\n`);
