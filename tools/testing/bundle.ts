/** Bundles a package for browsers. */

import { build, defaultClientConditions, type Rollup } from 'vite';

export interface Bundle {
  /** The chunk that a page loads. */
  readonly entry: Rollup.OutputChunk;
  readonly chunks: readonly Rollup.OutputChunk[];
  /** Names of all files, assets included. */
  readonly fileNames: readonly string[];
}

/** A production build by Vite of one file of source, kept in memory. */
export async function bundleForBrowser(entry: string): Promise<Bundle> {
  const { output } = (await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['@patchslim/source', ...defaultClientConditions] },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      rollupOptions: { input: entry, preserveEntrySignatures: 'strict' },
    },
  })) as Rollup.RollupOutput;
  const chunks = output.filter((file) => file.type === 'chunk');
  return {
    entry: chunks.find(({ isEntry }) => isEntry)!,
    chunks,
    fileNames: output.map(({ fileName }) => fileName),
  };
}
