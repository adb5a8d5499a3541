/** Time to count DeiT-Tiny's forward pass relative to recording it as an ONNX graph, in alternating rounds. */

import { createOnnxRecorder } from '@patchslim/backend-onnx';
import { float32, sizeOf } from '@patchslim/tensor';
import { compareRuns } from '@patchslim/testing';
import { forward, mapParams, paramShapes, vitConfig } from '@patchslim/vit-models';
import { countForward, vitMacs } from '../src/index.js';

const config = vitConfig('deit-tiny');

const recorder = createOnnxRecorder();
const params = mapParams(paramShapes(config), (shape) =>
  recorder.constant(float32(shape, new Float32Array(sizeOf(shape)))),
);
const images = { shape: [1, 3, config.imageSize, config.imageSize], dtype: 'float32' } as const;

await compareRuns(`${config.name}: one forward pass`, [
  {
    name: 'recording it as an ONNX graph',
    run: () =>
      recorder.record((input) => ({ logits: forward({ config, params }, input.images).logits }), { images }),
  },
  { name: 'countForward', run: () => countForward(config) },
  { name: 'vitMacs', run: () => vitMacs(config) },
]);
