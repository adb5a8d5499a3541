/** Bundles packages for browsers. */

import { build, defaultClientConditions, type Rollup } from 'vite';

export interface Bundle {
  /** The chunk that a page loads. */
  readonly entry: Rollup.OutputChunk;
  /** The entry, and all chunks that it imports, at once or on demand. */
  readonly chunks: readonly Rollup.OutputChunk[];
  /** Names of all these files, and of the assets that they load. */
  readonly fileNames: readonly string[];
}

/** A production build by Vite of one file of source, kept in memory. */
export async function bundleForBrowser(entry: string): Promise<Bundle> {
  return (await bundleTogether({ entry }))['entry']!;
}

/** The same of several files, by name, in one build. */
export async function bundleTogether(
  input: Readonly<Record<string, string>>,
): Promise<Record<string, Bundle>> {
  const { output } = (await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['@patchslim/source', ...defaultClientConditions] },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      rollupOptions: { input, preserveEntrySignatures: 'strict' },
    },
  })) as Rollup.RollupOutput;
  const all = output.filter((file) => file.type === 'chunk');
  const entries = all.filter(({ isEntry, name }) => isEntry && name in input);
  return Object.fromEntries(entries.map((entry) => [entry.name, bundleOf(entry, all)]));
}

function bundleOf(entry: Rollup.OutputChunk, all: readonly Rollup.OutputChunk[]): Bundle {
  const reached = new Set([entry]);
  for (const { imports, dynamicImports } of reached) {
    const names = [...imports, ...dynamicImports];
    for (const chunk of all) if (names.includes(chunk.fileName)) reached.add(chunk);
  }
  const chunks = [...reached];
  const files = chunks.flatMap(({ fileName, viteMetadata }) => [
    fileName,
    ...(viteMetadata?.importedAssets ?? []),
  ]);
  return { entry, chunks, fileNames: [...new Set(files)] };
}
