/**
 * What a recovery gives back to a plan that chooses image by image: top-1, agreement and divergence on images that were
 * neither learned from nor looked at. One row per recovery, as it is done:
 *
 *     npx tsx --conditions=@patchslim/source packages/slimming/bench/recovery-at-run-time.ts deit-tiny budget:0.4 [recovery …]
 *     npx tsx --conditions=@patchslim/source packages/slimming/bench/recovery-at-run-time.ts fashion budget:0.4 [recovery …]
 *
 * `METHOD` is `ward` unless it is set.
 */

import { splitExamples } from '@patchslim/datasets';
import { parseSchedule } from '@patchslim/slimming-schedules';
import { resolveBlocks } from '@patchslim/token-reducers';
import { disposeModel, placeModel, type VitModel } from '@patchslim/vit-models';
import {
  findRuntimeMethod,
  meanDivergence,
  parseRecovery,
  predict,
  recoverPlan,
  slimAtRunTime,
  summarizePredictions,
} from '../src/index.js';
import { deitTiny, fashion } from './studies.js';

const [name = 'deit-tiny', schedule = 'budget:0.5', ...chosen] = process.argv.slice(2);
const specs = chosen.length > 0 ? chosen : ['distill:epochs=4', 'distill:epochs=4,features=0'];
const { model, learn, judge, unseen, batchSize } =
  name === 'fashion' ? await fashion(1000, 200, 4000) : await onDeitTiny();
const method = findRuntimeMethod(process.env['METHOD'] ?? 'ward');
const plan = slimAtRunTime(model, method, parseSchedule(schedule));
const options = { batchSize, keepLogits: true };
const dense = await predict(model, unseen, options);

console.log(
  `${name}, ${method.name}, ${schedule}: ${learn.count} to learn, ${judge.count} to judge, ${unseen.count} unseen; dense ${summarizePredictions(dense).top1!.toFixed(2)}`,
);
console.log('| recovery | top-1 | same class as dense | divergence | held back: before, after | minutes |');
console.log('| -------- | ----: | ------------------: | ---------: | ------------------------ | ------: |');
await row('none', model, ['', '']);
for (const spec of specs) {
  const began = performance.now();
  const context = { images: learn, heldBack: judge, batchSize: 8, seed: 0 };
  const recovered = await recoverPlan(model, plan, { ...context, recovery: parseRecovery(spec) });
  const minutes = (performance.now() - began) / 60_000;
  const { before, after } = recovered.plan.provenance.recovery!.heldBack;
  const adapted = placeModel(model.backend, recovered.adapted);
  await row(spec, adapted, [`${before.toFixed(4)}, ${after.toFixed(4)}`, minutes.toFixed(1)]);
  disposeModel(adapted);
}

async function row(label: string, network: VitModel, rest: readonly string[]): Promise<void> {
  const slimmed = await predict(network, unseen, { ...options, plan: resolveBlocks(plan.blocks) });
  const { top1, agreement } = summarizePredictions(slimmed, dense);
  const divergence = meanDivergence(slimmed.logits!, dense.logits!, model.config.classes);
  const figures = [top1!.toFixed(2), agreement!.toFixed(2), divergence.toFixed(4)];
  console.log(`| ${[label, ...figures, ...rest].join(' | ')} |`);
}

/** 600 of the 1000 images are learned from, 100 judge, 300 are unseen. */
function onDeitTiny() {
  return deitTiny((examples) => {
    const { chosen, rest } = splitExamples(examples, 300, 0);
    return { calibrating: rest, unseen: chosen };
  });
}
