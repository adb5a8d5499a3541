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
    clean: true, // declarations and tsc's build info too: files of sources that are gone would be published
    skipNodeModulesBundle: true,
  });
}
