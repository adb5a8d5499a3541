/** The contents of the tarballs: everything a package needs, nothing that only this workspace needs, and a valid manifest. */

import { mkdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { runProgram } from '../src/run-program.js';
import { readManifest, root, type Manifest } from '../src/workspace-packages.js';

const { packages, tarballs, scratch } = inject('supplies');

/** Files in packages besides code. */
const assets: Readonly<Record<string, RegExp>> = {
  'fashion-vit': /^(model\/.*\.(json|safetensors)|images\/.*\.png)$/,
  patchslim: /^bin\/patchslim\.js$/,
  browser: /^dist\/plain\/(LICENSE|THIRD-PARTY-NOTICES\.txt|ort-wasm-simd-threaded\.(mjs|wasm))$/,
};

/** Bundles for copying to a server; they are not modules of the package. */
const isBundle = (file: string): boolean => file.startsWith('dist/plain/');

it('every package is built before these tests run', async () => {
  const { devDependencies } = await readManifest(join(root, 'tools/package-tests'));
  const names = packages.map(({ manifest }) => manifest.name);
  expect(Object.keys(devDependencies ?? {})).toEqual(expect.arrayContaining(names));
});

describe.each(packages)('$manifest.name', ({ id, folder: sources, manifest }) => {
  const { name } = manifest;
  const { path, files } = tarballs.find((tarball) => tarball.name === name)!;
  const folder = join(scratch, 'unpacked', id);
  const read = (file: string): Promise<string> => readFile(join(folder, file), 'utf8');
  const ending = (pattern: RegExp): string[] => files.filter((file) => pattern.test(file));

  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    await runProgram('tar', ['-xzf', path, '-C', folder, '--strip-components=1'], scratch);
  });

  it('contains only README, licence, code and types', async () => {
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'package.json']));
    expect(await read('LICENSE')).toBe(await readFile(join(root, 'LICENSE'), 'utf8'));
    const code = /^(README\.md|LICENSE|package\.json|src\/.*\.ts|dist\/.*\.(js|d\.ts)(\.map)?)$/;
    const isExpected = (file: string) => code.test(file) || (assets[id]?.test(file) ?? false);
    expect(files.filter((file) => !isExpected(file) || /\.test\.|__snapshots__/.test(file))).toEqual([]);
  });

  it('contains no output of deleted sources', async () => {
    const declared = ending(/^dist\/.*\.d\.ts$/);
    const gone = declared.filter((file) => !files.includes(sourceOf(file)));
    const reached = await reachable(entryFiles(manifest), read);
    const unreached = ending(/^dist\/.*\.js$/).filter((file) => !reached.has(file) && !isBundle(file));
    expect({ gone, unreached }, `delete ${sources}/dist and build again`).toEqual({
      gone: [],
      unreached: [],
    });
  });

  it('has source maps that point to sources in the package', async () => {
    const maps = ending(/\.map$/);
    expect(maps).not.toEqual([]);
    for (const map of maps) {
      const { sources: named, sourceRoot = '' } = JSON.parse(await read(map)) as SourceMap;
      const found = named.map((source) => posix.join(posix.dirname(map), sourceRoot, source));
      expect(
        found.filter((file) => !files.includes(file)),
        map,
      ).toEqual([]);
    }
    for (const file of ending(/^dist\/.*\.(js|d\.ts)$/).filter((file) => !isBundle(file))) {
      expect(await read(file), file).toContain(`//# sourceMappingURL=${posix.basename(file)}.map`);
    }
  });

  it('contains no paths of the build machine', async () => {
    for (const file of files) expect(await read(file), file).not.toContain(root);
  });

  it('runs nothing when it is installed', async () => {
    const { scripts = {} } = JSON.parse(await read('package.json')) as { scripts?: Record<string, string> };
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?(install|prepare)$/.test(name))).toEqual([]);
  });

  it('passes publint', async () => {
    const tarball = new Uint8Array(await readFile(path)).buffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it('has correct types', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(await readFile(path)));
    if (!analysis.types) throw new Error(`${name} has no types`);
    // These packages are ESM only, so resolution without `exports` and TypeScript's view of `require` are ignored.
    const left = ['node10', 'node16-cjs'];
    const problems = analysis.problems.filter(
      (problem) => !('resolutionKind' in problem && left.includes(problem.resolutionKind)),
    );
    expect(problems).toEqual([]);
    expect(Object.keys(analysis.entrypoints).length).toBe(Object.keys(manifest.exports).length);
  });
});

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourceRoot?: string;
}

const sourceOf = (declaration: string): string => declaration.replace(/^dist(.*)\.d\.ts$/, 'src$1.ts');

/** JavaScript files that other packages can load or run. */
function entryFiles({ exports, bin = {} }: Manifest): string[] {
  const entries = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [] : [target['default']!],
  );
  return [...entries, ...Object.values(bin)].map((file) => posix.normalize(file));
}

/** These files, and all their relative imports. */
async function reachable(
  entries: readonly string[],
  read: (file: string) => Promise<string>,
): Promise<Set<string>> {
  const reached = new Set<string>();
  const visit = async (file: string): Promise<void> => {
    if (reached.has(file)) return;
    reached.add(file);
    const imports = (await read(file)).matchAll(/(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+\.js)["']/g);
    for (const [, path] of imports) await visit(posix.join(posix.dirname(file), path!));
  };
  for (const entry of entries) await visit(entry);
  return reached;
}
