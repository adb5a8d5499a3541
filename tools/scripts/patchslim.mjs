// The command line's Nx targets: `npx nx slim patchslim …` builds silently, then runs the command in this process.
// As a dependency of the target, the build would print its log before the command's output.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nx, root } from './workspace.mjs';

await nx(['run', 'patchslim:build'], { quiet: true, onFailure: (output) => console.error(output) });
await import(pathToFileURL(join(root, 'packages/patchslim/bin/patchslim.js')).href);
