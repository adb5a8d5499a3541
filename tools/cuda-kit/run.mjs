// The CUDA kit: sets up, tests and times patchslim on a machine with an NVIDIA GPU, and writes cuda-kit-results.json.
//   node tools/cuda-kit/run.mjs [--help]
import { installIfMissing, node, root } from '../scripts/workspace.mjs';

await installIfMissing();
const main = `${root}tools/cuda-kit/src/main.ts`;
await node(['--conditions=@patchslim/source', '--import=tsx', main, ...process.argv.slice(2)]);
