// The tsup configuration of all packages: only JavaScript; declarations come from `tsc -b tsconfig.lib.json`.
import { defineConfig } from 'tsup';

/** @param {Record<string, string>} entry entry points by output name, relative to the package */
export function packageConfig(entry = { index: 'src/index.ts' }) {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    splitting: true,
    sourcemap: true,
    dts: false,
    clean: true, // also removes declarations and tsc's build info, so that no output of deleted sources is published
    skipNodeModulesBundle: true,
  });
}
