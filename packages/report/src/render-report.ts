/** The report as one self-contained HTML page: no script, no network, no second file. */

import { findStep, type SlimPlan } from '@patchslim/slimming-schedules';
import { resolveBlocks } from '@patchslim/token-reducers';
import { tokenCount, type Keys } from '@patchslim/vit-models';
import { klNote } from './describe-step.js';
import { drawCounts } from './draw-counts.js';
import { drawKept } from './draw-kept.js';
import { fixed, formatPercent, integer, macsFormat, percent } from './numbers.js';
import { note, renderPage } from './page.js';
import { hasKl, provenanceList } from './provenance-list.js';
import { blockTable, evaluationTable } from './report-tables.js';
import type { ReportExample, SlimReport } from './report.js';
import { summarizePlan, type PlanSummary } from './summary.js';
import { element, escape } from './svg.js';

/**
 * Renders a report as one page: accuracy and speed, tokens and cost of each block, patches kept, and how the plan was made.
 *
 * @returns an HTML document that is well-formed XML too
 * @throws PLAN_INVALID when the plan does not fit the model, or chooses tokens image by image and an example has no `kept`
 * @example
 * await writeFile('report.html', renderReport({ plan, config: model.config, examples: [] }));
 */
export function renderReport(report: SlimReport): string {
  const { plan, config, evaluation, examples } = report;
  const summary = summarizePlan(config, resolveBlocks(plan.blocks));
  const errors = findStep(plan.provenance, 'top-down')?.errors;
  const title = `${plan.model.name}, slimmed`;
  const body = [
    element('p', { class: 'headline' }, escape(headline(report, summary))),
    evaluation
      ? section(
          'Accuracy and speed',
          evaluationTable(evaluation),
          note(
            evaluation.heldBack
              ? 'Measured on images that had no part in the plan.'
              : 'Measured on the images that the plan was made from, because no others were left. New images may do worse.',
          ),
          note(
            'In brackets: 95 % intervals. Images per second include decoding. The two networks ran one after the other, so the page gives no speed-up.',
          ),
        )
      : '',
    section('Tokens kept', drawCounts(summary.blocks, tokenCount(config))),
    examples.length > 0
      ? section(
          'Patches kept',
          note(patchesNote(plan)),
          ...examples.map((example) => figure(report, example)),
        )
      : '',
    section('Cost of each block', blockTable(summary, errors), note(tableNote(summary, errors))),
    section('How the plan was made', provenanceList(plan), hasKl(plan) ? note(klNote) : ''),
  ];
  return renderPage(title, ...body);
}

function headline({ evaluation }: SlimReport, { macs }: PlanSummary): string {
  const { unit, format } = macsFormat(macs.dense);
  const cost =
    `One image costs ${format(macs.slimmed)} instead of ${format(macs.dense)} ${unit}: ` +
    `${percent(100 * (1 - macs.ratio))} fewer multiply-accumulates.`;
  if (evaluation === undefined) return cost;
  const { dense, slimmed } = evaluation;
  if (dense.top1 !== undefined && slimmed.top1 !== undefined) {
    const [before, after] = [dense, slimmed].map(({ top1, intervals }) =>
      formatPercent(top1, intervals.top1),
    );
    return `${cost} Top-1 accuracy: ${before} dense, ${after} slimmed.`;
  }
  if (dense.mAP !== undefined && slimmed.mAP !== undefined) {
    return `${cost} Mean average precision: ${percent(dense.mAP)} dense, ${percent(slimmed.mAP)} slimmed.`;
  }
  if (slimmed.embedding) {
    return `${cost} Cosine to the dense embedding: ${fixed(slimmed.embedding.cosine, 4)}, mean over ${integer(slimmed.images)} images.`;
  }
  if (slimmed.agreement === undefined) return cost;
  const kept = formatPercent(slimmed.agreement, slimmed.intervals.agreement);
  if (slimmed.perClass) {
    return `${cost} ${kept} of the answers, yes or no to each class, stay the same on ${integer(slimmed.images)} images.`;
  }
  return `${cost} ${kept} of ${integer(slimmed.images)} images keep their class.`;
}

const keysNotes: Readonly<Record<Keys, string>> = {
  compact: 'Keys compact: only computed tokens reach the next block.',
  all: 'Keys all: tokens that a block does not compute pass unchanged and stay as keys and values.',
};

function tableNote({ blocks }: PlanSummary, errors: readonly unknown[] | undefined): string {
  const used = (['compact', 'all'] as const).filter((keys) => blocks.some((block) => block.keys === keys));
  return [
    'Multiply-accumulates (MACs) for one image. Tokens include the class token.',
    ...used.map((keys) => keysNotes[keys]),
    ...(errors
      ? ['Error in next block: reconstruction error there when the search of this block stopped.']
      : []),
  ].join(' ');
}

/** One image: its name and classes, and the patches that each block keeps. */
function figure({ plan, config }: SlimReport, example: ReportExample): string {
  const { id, jpeg, kept, label, dense, slimmed } = example;
  // <bdi>: a name with right-to-left characters must not turn the words around it.
  const text = (value: string) => element('bdi', {}, escape(value));
  const verdict = (predicted: string) => (label === undefined ? '' : predicted === label ? ' ✓' : ' ✗');
  const facts = [
    label === undefined ? '' : `true class: ${text(label)}`,
    dense === undefined ? '' : `dense: ${text(dense)}${verdict(dense)}`,
    slimmed === undefined ? '' : `slimmed: ${text(slimmed)}${verdict(slimmed)}`,
  ].filter((fact) => fact !== '');
  const caption = element('strong', {}, text(id)) + facts.map((fact) => element('span', {}, fact)).join(' ');
  const picture = drawKept(config, resolveBlocks(plan.blocks), jpeg, {
    title: `Patches of ${id} kept by each block`,
    kept,
  });
  return element('figure', {}, element('figcaption', {}, caption), picture);
}

function section(title: string, ...content: string[]): string {
  return element('section', {}, element('h2', {}, title), ...content);
}

function patchesNote({ blocks }: SlimPlan): string {
  const resolved = resolveBlocks(blocks);
  const reducers = resolved.flatMap((block) => (block.kind === 'reduce' ? [block.reducer] : []));
  const merged = reducers.some(({ merges }) => merges) ? ' outlined: merged;' : '';
  const staysAsKey = resolved.some((block) => block.kind === 'keep' && block.keys === 'all');
  const legend = `Clear: computed;${merged} covered: ${staysAsKey ? 'not computed' : 'dropped'}.`;
  return `${legend} ${reducers.length > 0 ? 'The plan chooses patches for each image.' : 'The plan keeps the same patches of every image.'}`;
}
