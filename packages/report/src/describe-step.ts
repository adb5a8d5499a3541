/** The steps of a plan's provenance in words: for the page of a report, and for the remarks of the command line. */

import type { PlanStep, PlanStepOf } from '@patchslim/slimming-schedules';
import { fixed, plural } from './numbers.js';

/**
 * Describes one step of a plan's provenance in a sentence. KL is the divergence of the slimmed network's class probabilities
 * from the dense network's, in nats, mean over images; of an encoder the text has 1 − cosine of the embeddings instead.
 *
 * @returns one line of plain text, without a full stop
 * @example
 * for (const step of plan.provenance.steps) console.log(describeStep(step));
 * // best method: ward (KL 0.0813 on 128 images; next: mctf, 0.0876)
 */
export function describeStep(step: PlanStep): string {
  switch (step.step) {
    case 'scored':
      return `score: ${step.score}, mean over ${plural(step.images, 'image')}, deeper blocks ${step.deeperBlocks}`;
    case 'top-down':
      return describeTopDown(step);
    case 'fitted':
      return describeFit(step);
    case 'timed':
      return `time per image on ${step.backend}, batch ${step.batch}: dense ${step.dense} ms (measured), slimmed ${step.slimmed} ms (predicted from block times)`;
    case 'searched':
      return describeSearch(step);
    case 'chosen':
      return describeChoice(step);
    case 'recovered':
      return describeRecovery(step);
    default:
      return step satisfies never;
  }
}

/** Explains KL on a page that uses the word. */
export const klNote =
  'KL: how far the class probabilities are from those of the dense network, in nats, mean over images; where images may have several classes, the sum over the classes. 0 means equal.';

/** A divergence with its measure: `KL 0.0813`, `1 − cosine 0.0813`. */
export const distance = (value: number, measure: 'cosine' | undefined): string =>
  `${measure === 'cosine' ? '1 − cosine' : 'KL'} ${kl(value)}`;

/** A divergence in nats as text: four decimals, or two digits where that would leave too few: `0.0813`, `0.00012`. */
export function kl(nats: number): string {
  if (nats === 0 || Math.abs(nats) >= 0.001) return fixed(nats, 4);
  return String(Number(nats.toPrecision(2))).replace('-', '−');
}

function describeTopDown({ errors }: PlanStepOf<'top-down'>): string {
  const searched = errors.filter((error) => error !== null);
  if (searched.length === 0) return 'top-down search: no block needed one';
  const largest = Math.max(...searched).toPrecision(3);
  return `top-down search of ${plural(searched.length, 'block')}: error in the next block at most ${largest}`;
}

function describeFit({ score, images, r2, staticR2 }: PlanStepOf<'fitted'>): string {
  const count = r2.filter((value) => value !== null).length;
  if (count === 0) return `predictors of ${score}: no block needs one`;
  const means = count === 1 ? '' : `, means of ${plural(count, 'block')}`;
  return `predictors of ${score} fitted to ${plural(images, 'image')}: R² ${mean(r2)} on held-back ones, ${mean(staticR2)} from positions alone${means}`;
}

/** @param values null for a block without a predictor */
function mean(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  return fixed(known.reduce((a, b) => a + b, 0) / known.length, 2);
}

function describeSearch(step: PlanStepOf<'searched'>): string {
  const { images, judges, candidates, start, found, interval, taken, measure } = step;
  const tried = `${plural(candidates, 'schedule')} tried on ${plural(images, 'image')}`;
  const others = plural(judges, 'other');
  if (start.counts.join() === found.counts.join())
    return `${tried}; none better; default kept (${distance(start.divergence, measure)} on ${others})`;
  const figures = `${distance(found.divergence, measure)} against ${kl(start.divergence)}, ${change(interval)}`;
  return taken === 'found'
    ? `${tried}; the best is significantly better on ${others} (${figures}); taken`
    : `${tried}; none significantly better on ${others} (${figures}); default kept`;
}

function describeChoice({ images, candidates, refused, measure }: PlanStepOf<'chosen'>): string {
  const [best, next] = candidates;
  const second = next ? `; next: ${next.method}, ${kl(next.divergence)}` : '';
  const choice = best
    ? `best method: ${best.method} (${distance(best.divergence, measure)} on ${plural(images, 'image')}${second})`
    : 'no method can follow the schedule';
  const reasons = refused.map(({ method, reason }) => `${method} (${reason})`).join('; ');
  return refused.length === 0
    ? choice
    : `${choice}; ${plural(refused.length, 'method')} ruled out: ${reasons}`;
}

/** The same divergence before and after, to all digits: no epoch was better, and the weights stayed as they were. */
function describeRecovery(step: PlanStepOf<'recovered'>): string {
  const { recovery, chosen, images, judges, before, after, interval, measure } = step;
  const others = plural(judges, 'other');
  if (chosen?.recovery === 'none' && before === after)
    return `${recovery}: weights unchanged, since ${chosen.because}`;
  const taken = chosen ? `${recovery} took ${chosen.recovery}, since ${chosen.because};` : recovery;
  const learned = `${taken} on ${plural(images, 'image')}`;
  if (before === after) {
    return `${learned}: no gain on ${others} (${distance(before, measure)}), weights unchanged; try a lower rate or more images`;
  }
  const within = interval ? ` (${change(interval)})` : '';
  return `${learned}: ${distance(before, measure)} → ${kl(after)} on ${others}${within}`;
}

const change = ([low, high]: readonly [number, number]): string =>
  `95 % interval of the change ${kl(low)} to ${kl(high)}`;
