/** Overhead of the worker's tasks over the calls inside them. */

import { fileURLToPath } from 'node:url';
import { decodeImage } from '@patchslim/datasets';
import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { createInspector } from '@patchslim/slimming/internal';
import { openBackend } from '@patchslim/backends';
import { blocksFor } from '@patchslim/slimming-schedules';
import { float32 } from '@patchslim/tensor';
import { compareRuns } from '@patchslim/testing';
import { fromPretrained, placeModel } from '@patchslim/vit-models';
import { createTasks } from '../src/serve.js';

const source = fileURLToPath(modelFolder);
const file = fileURLToPath(new URL('9-ankle-boot/00.png', imageFolder));
const tasks = createTasks();
const { preprocessing } = await tasks.open({ backends: ['wasm'], model: source }, {});
const plan = await tasks.plan({ schedule: 'budget:0.5' }, {});
const image = { data: new Uint8Array(3 * 28 * 28), width: 28, height: 28 };

const model = placeModel(await openBackend('wasm'), await fromPretrained(source));
const inspector = await createInspector(model, blocksFor(plan, model));
const pixels = float32([1, 3, 28, 28], await decodeImage(file, preprocessing));

await compareRuns('one image, dense and slimmed, in WebAssembly', [
  { name: 'inspector', run: () => inspector.inspect(pixels) },
  { name: 'inspect task', run: () => tasks.inspect({ image, plan }, {}) },
]);
