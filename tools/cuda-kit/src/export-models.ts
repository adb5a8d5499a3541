/** Writes the ONNX files that `time_onnx.py` times, for any batch size, and `models.json`, which lists them. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createOnnxBackend } from '@patchslim/backend-onnx';
import { createSlimmedModel, exportOnnx } from 'patchslim';
import { makeTimedPlans, timedModel } from './networks.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'deit-small' },
    out: { type: 'string', default: 'onnx-models' },
  },
});
const folder = resolve(values.out);
await mkdir(folder, { recursive: true });
const backend = await createOnnxBackend({ threads: 1 });
const model = timedModel(values.model, backend);

const models = [];
await exportOnnx(model, join(folder, 'dense.onnx'), { batch: 'dynamic' });
models.push({ name: 'dense', file: 'dense.onnx', macRatio: 1 });
for (const { name, plan } of await makeTimedPlans(model)) {
  const file = `${name.replaceAll(' ', '-')}.onnx`;
  const slimmed = createSlimmedModel(model, { plan });
  await exportOnnx(slimmed, join(folder, file), { batch: 'dynamic' });
  await slimmed.close();
  const { macs } = plan.provenance;
  models.push({ name, file, macRatio: Number((macs.slimmed / macs.dense).toFixed(4)) });
}
await backend.close();
const manifest = { model: values.model, imageSize: model.config.imageSize, models };
await writeFile(join(folder, 'models.json'), `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`${models.length} models in ${folder}`);
