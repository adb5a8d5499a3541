// Exports the models that time_onnx.py times: dense, fixed positions and `ward`, at 0.7 and 0.5 of the multiply-accumulates.
//   node tools/cuda-kit/export.mjs [--model deit-small] [--out onnx-models]
import { installIfMissing, node, root } from '../scripts/workspace.mjs';

await installIfMissing();
const program = `${root}tools/cuda-kit/src/export-models.ts`;
await node(['--conditions=@patchslim/source', '--import=tsx', program, ...process.argv.slice(2)]);
