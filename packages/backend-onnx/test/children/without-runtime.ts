/** Child process in a folder without ONNX Runtime: prints the results that still work and the error. */

import { gelu } from '@patchslim/tensor';
import {
  createOnnxBackend,
  createOnnxRecorder,
  createOnnxWebBackend,
  describeRuntime,
  encodeModel,
  joinChunks,
} from '../../src/index.js';

const graph = createOnnxRecorder().record(({ x }) => ({ y: gelu(x) }), {
  x: { shape: [2, 3], dtype: 'float32' },
});
const messageOf = (opening: Promise<unknown>) =>
  opening.then(
    () => 'a backend',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  );
console.log(
  JSON.stringify({
    bytes: joinChunks(encodeModel(graph).model).length,
    node: await messageOf(createOnnxBackend()),
    web: await messageOf(createOnnxWebBackend()),
    reports: [await describeRuntime('onnxruntime-node'), await describeRuntime('onnxruntime-web')],
    telemetry: process.env['ORT_DISABLE_TELEMETRY'],
  }),
);
