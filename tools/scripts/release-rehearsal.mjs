// Rehearses a release: builds all packages, publishes them to a local registry, installs them from there with every package
// manager, and runs the consumers. Downloads about 2 GB and takes 20 minutes, so `npm test` does not call it.
//   node tools/scripts/release-rehearsal.mjs [--managers npm,Bun] [--consumers ESM,Vite] [--out FILE] [--keep]
import { chromiumFlags, findChromium } from '../config/chromium.js';
import { installChromiumIfMissing, installIfMissing, node, nx } from './workspace.mjs';

await installIfMissing();
await installChromiumIfMissing();
await nx(['run-many', '-t', 'build', '--exclude=@patchslim/docs'], { quiet: true });
const main = 'tools/package-tests/src/rehearsal/main.ts';
const chromium = ['--chromium', JSON.stringify({ executablePath: findChromium(), args: chromiumFlags })];
await node(['--conditions=@patchslim/source', '--import=tsx', main, ...chromium, ...process.argv.slice(2)]);
