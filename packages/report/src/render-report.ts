/** The report as one HTML page that needs nothing else: no script, no network, no second file. */

import type { SlimPlan } from '@patchslim/slimming-schedules';
import { resolveBlocks } from '@patchslim/token-reducers';
import { tokenCount } from '@patchslim/vit-models';
import { drawCounts } from './draw-counts.js';
import { drawKept } from './draw-kept.js';
import { integer, macsFormat, percent, percentWithin } from './numbers.js';
import { renderPage } from './page.js';
import { blockTable, evaluationTable, provenanceList } from './report-tables.js';
import type { ReportExample, SlimReport } from './report.js';
import { summarizePlan, type PlanSummary } from './summary.js';
import { element, escape } from './svg.js';

/**
 * Renders a report as one page: accuracy and speed, tokens and cost of each block, patches kept, and how the plan was made.
 *
 * @returns an HTML document that is well-formed XML too
 * @throws PLAN_INVALID when the plan does not fit the model, or ranks tokens and an example does not say which it keeps
 * @example
 * await writeFile('report.html', renderReport({ plan, config: model.config, examples: [] }));
 */
export function renderReport(report: SlimReport): string {
  const { plan, config, evaluation, examples } = report;
  const summary = summarizePlan(config, resolveBlocks(plan.blocks));
  const title = `${plan.model.name}, slimmed`;
  const body = [
    element('p', { class: 'headline' }, escape(headline(report, summary))),
    evaluation
      ? section(
          'Accuracy and speed',
          evaluationTable(evaluation),
          note(
            `${
              evaluation.heldBack
                ? 'Measured on images that calibration did not see.'
                : 'Measured on the very images that chose the plan, as none was left to judge it; new images may do worse.'
            } In brackets: 95 % intervals. Images per second include decoding; the two were not timed in turn, so they give no speed-up.`,
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
    section('Cost of each block', blockTable(summary, plan.provenance.errors), note(tableNote(report))),
    section('How the plan was made', provenanceList(plan)),
  ];
  return renderPage(title, ...body);
}

function headline({ evaluation }: SlimReport, { macs }: PlanSummary): string {
  const { unit, format } = macsFormat(macs.dense);
  const cost =
    `One image takes ${format(macs.slimmed)} instead of ${format(macs.dense)} ${unit}: ` +
    `${percent(100 * (1 - macs.ratio))} fewer multiply-accumulates.`;
  if (evaluation === undefined) return cost;
  const { dense, slimmed } = evaluation;
  if (dense.top1 !== undefined && slimmed.top1 !== undefined) {
    const [before, after] = [dense, slimmed].map(({ top1, intervals }) =>
      percentWithin(top1, intervals.top1),
    );
    return `${cost} Top-1 accuracy goes from ${before} to ${after}.`;
  }
  if (slimmed.agreement === undefined) return cost;
  const kept = percentWithin(slimmed.agreement, slimmed.intervals.agreement);
  return `${cost} ${kept} of ${integer(slimmed.images)} images keep their class.`;
}

function tableNote({ plan }: SlimReport): string {
  const macs = 'Multiply-accumulates (MACs) for one image. Tokens include the class token.';
  return plan.provenance.errors
    ? `${macs} Error above: reconstruction error one block deeper at which the search of a block stopped.`
    : macs;
}

/** One image: its name and classes, and what each block keeps of it. */
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

function note(text: string): string {
  return element('p', { class: 'note' }, text);
}

function patchesNote({ blocks }: SlimPlan): string {
  const computed = 'Each block computes the patches that are in clear';
  const reducers = resolveBlocks(blocks).flatMap((block) => (block.kind === 'reduce' ? [block.reducer] : []));
  if (reducers.some(({ merges }) => merges))
    return `${computed}, chosen for each image by itself; those between borders as one, and the covered ones no more.`;
  if (reducers.length > 0) return `${computed}, chosen for each image by itself, and skips the covered ones.`;
  return `${computed} and skips the covered ones.`;
}
