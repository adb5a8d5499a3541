// First step of a release: gives all packages a version and dates the section of the changelog. It commits nothing.
//   node tools/scripts/release-version.mjs 0.2.0 [--dry-run]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dateChangelog, setVersion } from '../package-tests/src/release-texts.mjs';
import { installIfMissing, nx, root } from './workspace.mjs';

const [version, option] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version ?? '') || (option !== undefined && option !== '--dry-run')) {
  console.error('usage: node tools/scripts/release-version.mjs VERSION [--dry-run]');
  process.exit(2);
}
const dryRun = option === '--dry-run';
const today = new Date().toISOString().slice(0, 10);
// Both texts first: if one does not fit, nothing has changed.
const texts = [
  ['CHANGELOG.md', (text) => dateChangelog(text, version, today)],
  ['packages/slimming/src/version.ts', (text) => setVersion(text, version)],
].map(([path, change]) => [join(root, path), change(readFileSync(join(root, path), 'utf8'))]);

await installIfMissing();
await nx(['release', 'version', version, ...(dryRun ? ['--dry-run'] : [])], { quiet: dryRun });
if (!dryRun) for (const [file, text] of texts) writeFileSync(file, text);
console.log(
  dryRun
    ? `All packages can become ${version}; nothing was changed.`
    : `All packages are ${version}. Next: npm run reference -w docs, npm test, commit, tag v${version}.`,
);
