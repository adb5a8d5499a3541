/** Child process in a folder where onnxruntime-node is not installed: what still works, and what the error says. */

import { gelu } from '@patchslim/tensor';
import {
  createOnnxBackend,
  createOnnxRecorder,
  describeRuntime,
  encodeModel,
  joinChunks,
} from '../../src/index.js';

const graph = createOnnxRecorder().record(({ x }) => ({ y: gelu(x) }), {
  x: { shape: [2, 3], dtype: 'float32' },
});
const message = await createOnnxBackend().then(
  () => 'a backend',
  (error: unknown) => (error instanceof Error ? error.message : ''),
);
const report = await describeRuntime();
const telemetry = process.env['ORT_DISABLE_TELEMETRY'];
console.log(
  JSON.stringify({ telemetry, bytes: joinChunks(encodeModel(graph).model).length, message, report }),
);
