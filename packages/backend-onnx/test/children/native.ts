/** Opens the backend on the CPU and runs a program; prints the result and ONNX Runtime's telemetry setting. */

import { float32, neg, runOnHost } from '@patchslim/tensor';
import { createOnnxBackend } from '../../src/index.js';

const backend = await createOnnxBackend();
const program = await backend.compile(({ x }) => ({ y: neg(x) }), { x: { shape: [1], dtype: 'float32' } });
const { y } = await runOnHost(backend, program, { x: float32([1], [2]) });
console.log(JSON.stringify({ y: [...y.data], telemetry: process.env['ORT_DISABLE_TELEMETRY'] }));
