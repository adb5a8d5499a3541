/**
 * The packed packages on the other versions of Node that we promise: all entry points, and the command line. Where npm has
 * no such Node for this system, and PATCHSLIM_NODE_22 and the like name none, the tests are skipped and say so.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { systemName } from '@patchslim/testing/platform';
import { nodeBinary, nodeVersions } from '@patchslim/testing/runtimes';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createProject } from '../src/fresh-project.js';
import { runNode } from '../src/run-program.js';
import { entryPoints } from '../src/workspace-packages.js';

const supplies = inject('supplies');
const { version } = supplies.packages.find(({ id }) => id === 'patchslim')!.manifest;
const others = Object.keys(nodeVersions)
  .map(Number)
  .filter((major) => !process.versions.node.startsWith(`${major}.`));

let project: string;
beforeAll(async () => {
  const names = supplies.packages.map(({ manifest }) => manifest.name);
  project = await createProject('node-versions', [...names, 'onnxruntime-node', 'sharp'], supplies);
  const paths = supplies.packages.flatMap(({ manifest }) => entryPoints(manifest));
  await writeFile(join(project, 'probe.cjs'), probe(paths));
});

describe.each(others)('Node %i', (major) => {
  let node: string | undefined;
  beforeAll(async () => {
    node = await nodeBinary(major);
  });
  const run = async (...args: string[]): Promise<string> => (await runNode(args, project, {}, node)).stdout;
  const patchslim = (...args: string[]): Promise<string> =>
    run(join('node_modules/patchslim/bin/patchslim.js'), ...args);

  it('loads every entry point, and makes a plan', async ({ skip }) => {
    skip(node === undefined, `no Node ${major} for ${systemName}: PATCHSLIM_NODE_${major} may name one`);
    expect(await run('--version')).toMatch(new RegExp(`^v${major}\\.`));
    expect(JSON.parse(await run('probe.cjs'))).toEqual([]);
    expect(await patchslim('--version')).toBe(`${version}\n`);
    expect(JSON.parse(await patchslim('flops', 'deit-tiny', '--json'))).toMatchObject({ tokens: 197 });
    const { macs } = JSON.parse(
      await patchslim(
        ...['slim', 'custom', '--weights', fileURLToPath(modelFolder), '--data', fileURLToPath(imageFolder)],
        ...['--out', `out-${major}`, '--images', '20', '--evaluate', '0', '--json'],
        ...['--method', 'patch-slimming', '--schedule', 'keep-ratio:0.8@5,7'],
      ),
    ) as { macs: { dense: number; slimmed: number } };
    expect(macs.slimmed).toBeLessThan(0.8 * macs.dense);
  });
});

/** A CommonJS program that loads entry points both ways, and prints those whose exports differ or are missing. */
const probe = (paths: readonly string[]): string => `
const differing = ${JSON.stringify(paths)}.map(async (path) => {
  const [required, imported] = [Object.keys(require(path)), Object.keys(await import(path))];
  return imported.length > 0 && required.join() === imported.join() ? [] : [path];
});
Promise.all(differing).then((all) => console.log(JSON.stringify(all.flat())));
`;
