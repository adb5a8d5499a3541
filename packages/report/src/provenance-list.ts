/** How a plan was made: a list of its origin and its steps, for people. */

import type { PlanStep, PlanStepOf, SlimPlan } from '@patchslim/slimming-schedules';
import { describeStep, distance } from './describe-step.js';
import { percent, plural } from './numbers.js';
import { element, escape } from './svg.js';

/** The provenance of a plan as a description list; each step is one sentence. */
export function provenanceList({ model, provenance }: SlimPlan): string {
  const { tool, method, schedule, images, steps } = provenance;
  const lines: readonly (readonly [term: string, text: string])[] = [
    ['model', `${model.name}, weights ${model.fingerprint.slice(0, 12)}`],
    ['method', method],
    ['schedule', schedule],
    ...(images
      ? [
          [
            'calibration data',
            `${plural(images.count, 'image')} of ${images.name}, seed ${images.seed}`,
          ] as const,
        ]
      : []),
    ['made by', tool],
  ];
  const entries = lines.map(([term, text]) => entry(term, escape(text)));
  if (steps.length > 0) entries.push(entry('steps', list('ol', steps.map(stepItem))));
  return element('dl', {}, ...entries);
}

/** Whether a sentence of `provenanceList` speaks of KL. */
export const hasKl = ({ provenance }: SlimPlan): boolean =>
  provenance.steps.some(
    (step) =>
      (step.step === 'searched' || step.step === 'chosen' || step.step === 'recovered') &&
      step.measure === undefined,
  );

function entry(term: string, markup: string): string {
  return element('dt', {}, term) + element('dd', {}, markup);
}

/** Methods have a line each: they are many, and each reason is a sentence. */
function stepItem(step: PlanStep): string {
  if (step.step !== 'chosen') return escape(describeStep(step));
  return escape(describeStep({ ...step, refused: [] })) + list('ul', methodLines(step).map(escape));
}

function methodLines({ candidates, refused, measure }: PlanStepOf<'chosen'>): string[] {
  const share = (agreement: number | undefined) =>
    agreement === undefined ? '' : `, same class as dense ${percent(agreement)}`;
  return [
    ...candidates.map(
      ({ method, divergence, agreement }) => `${method}: ${distance(divergence, measure)}${share(agreement)}`,
    ),
    ...refused.map(({ method, reason }) => `${method}: ruled out (${reason})`),
  ];
}

function list(name: 'ol' | 'ul', items: readonly string[]): string {
  return element(name, {}, ...items.map((item) => element('li', {}, item)));
}
