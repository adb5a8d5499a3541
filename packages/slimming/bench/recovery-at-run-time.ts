/**
 * Accuracy that each recovery regains for a plan that chooses tokens per image: top-1, agreement and divergence on
 * held-out images. Prints one row per recovery as it finishes:
 *
 *     npx tsx --conditions=@patchslim/source packages/slimming/bench/recovery-at-run-time.ts deit-tiny budget:0.4 [recovery …]
 *     npx tsx --conditions=@patchslim/source packages/slimming/bench/recovery-at-run-time.ts fashion budget:0.4 [recovery …]
 *
 * The environment variable `METHOD` is the method; default `ward`.
 */

import { splitExamples } from '@patchslim/datasets';
import { blocksFor, findStep } from '@patchslim/slimming-schedules';
import { meanDivergence } from '../src/compare/divergence.js';
import { summarizePredictions } from '../src/evaluate.js';
import { predict, slim, type SlimmedModel } from '../src/index.js';
import { deitTiny, fashion } from './studies.js';

const [name = 'deit-tiny', schedule = 'budget:0.5', ...chosen] = process.argv.slice(2);
const specs = chosen.length > 0 ? chosen : ['distill:epochs=4', 'distill:epochs=4,features=0'];
const { model, calibrating, unseen, batchSize } =
  name === 'fashion' ? await fashion(1200, 4000) : await onDeitTiny();
const method = process.env['METHOD'] ?? 'ward';
const options = { batchSize, keepLogits: true };
const dense = await predict(model, unseen, options);

console.log(
  `${name}, ${method}, ${schedule}: ${calibrating.count} to learn and to choose an epoch, ${unseen.count} unseen; dense ${summarizePredictions(dense).top1!.toFixed(2)}`,
);
console.log('| recovery | top-1 | same class as dense | divergence | held back: before, after | minutes |');
console.log('| -------- | ----: | ------------------: | ---------: | ------------------------ | ------: |');
await row('none', (await slim(model, undefined, { method, schedule })).model, ['', '']);
for (const spec of specs) {
  const began = performance.now();
  const calibrate = calibrating.count;
  const slimmed = await slim(model, calibrating, { method, schedule, recover: spec, calibrate });
  const minutes = (performance.now() - began) / 60_000;
  const { before, after } = findStep(slimmed.plan.provenance, 'recovered')!;
  await row(spec, slimmed.model, [`${before.toFixed(4)}, ${after.toFixed(4)}`, minutes.toFixed(1)]);
}

async function row(label: string, slimmed: SlimmedModel, rest: readonly string[]): Promise<void> {
  const blocks = blocksFor(slimmed.plan, slimmed.model);
  const predictions = await predict(slimmed.model, unseen, { ...options, plan: blocks });
  await slimmed.close();
  const { top1, agreement } = summarizePredictions(predictions, dense);
  const divergence = meanDivergence(predictions.logits!, dense.logits!, model.config);
  const figures = [top1!.toFixed(2), agreement!.toFixed(2), divergence.toFixed(4)];
  console.log(`| ${[label, ...figures, ...rest].join(' | ')} |`);
}

/** 700 of the 1000 images are used for the plan, 300 are unseen. */
function onDeitTiny() {
  return deitTiny((examples) => {
    const { chosen, rest } = splitExamples(examples, 300, 0);
    return { calibrating: rest, unseen: chosen };
  });
}
