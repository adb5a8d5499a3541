/** The tables of a report: accuracy and speed, blocks and their cost, and how the plan was found. */

import type { EvaluatedPair, PairedDifference } from '@patchslim/slimming';
import type { Provenance, SlimPlan } from '@patchslim/slimming-schedules';
import { differenceWithin, integer, macsFormat, percent, percentWithin, signed, unknown } from './numbers.js';
import type { PlanSummary } from './summary.js';
import { element, escape } from './svg.js';
import { table } from './table.js';

/**
 * Dense and slimmed side by side, shares with their intervals; a measure that is known of neither has no row. Speed is not
 * compared: the two ran one after the other.
 */
export function evaluationTable({ dense, slimmed, change }: EvaluatedPair): string {
  const points = (name: string, measure: Share, paired?: PairedDifference): string[][] => {
    const [before, after] = [dense[measure], slimmed[measure]];
    if (before === undefined && after === undefined) return [];
    const known = before !== undefined && after !== undefined;
    const difference = paired ? differenceWithin(paired) : known ? signed(after - before) : '';
    return [
      [
        name,
        percentWithin(before, dense.intervals[measure]),
        percentWithin(after, slimmed.intervals[measure]),
        difference === '' ? '' : `${difference} points`,
      ],
    ];
  };
  const speed = [dense, slimmed].map(({ imagesPerSecond: n }) => (n < 100 ? n.toFixed(1) : integer(n)));
  return table(
    ['', 'dense', 'slimmed', 'difference'],
    [
      ...points('top-1 accuracy', 'top1', change?.top1),
      ...points('top-5 accuracy', 'top5', change?.top5),
      ...points('same class as dense', 'agreement'),
      ['images', integer(dense.images), integer(slimmed.images), ''],
      ['images per second', ...speed, ''],
    ],
  );
}

type Share = 'top1' | 'top5' | 'agreement';

/** One row per block, the rest of the network, and the total; `errors` adds a column. */
export function blockTable({ blocks, macs }: PlanSummary, errors: Provenance['errors']): string {
  const { unit, format } = macsFormat(Math.max(...blocks.map(({ denseMacs }) => denseMacs)));
  const inBlocks = (of: 'macs' | 'denseMacs') => blocks.reduce((sum, block) => sum + block[of], 0);
  const last = errors ? [''] : [];
  const cost = (of: number, from: number) => [format(of), format(from), percent((100 * of) / from)];
  const rows = blocks.map((block, index) => [
    String(block.block),
    String(block.tokensIn),
    String(block.tokensKept),
    block.keys ?? 'dense',
    ...cost(block.macs, block.denseMacs),
    ...(errors ? [error(errors[index])] : []),
  ]);
  const rest = cost(macs.slimmed - inBlocks('macs'), macs.dense - inBlocks('denseMacs'));
  return table(
    [
      'block',
      'tokens in',
      'computed',
      'keys',
      unit,
      `dense ${unit}`,
      'of dense',
      ...(errors ? ['error above'] : []),
    ],
    [...rows, ['patches, classifier', '', '', '', ...rest, ...last]],
    ['total', '', '', '', ...cost(macs.slimmed, macs.dense), ...last],
  );
}

/** How the plan was found. */
export function provenanceList({ model, provenance }: SlimPlan): string {
  const { method, estimator, attention, schedule, keys, seed, data, images, tool } = provenance;
  const { predictor, candidates, refused, recovery, search, latency } = provenance;
  const looksAtImages = images > 0;
  const entries: readonly (readonly [string, string])[] = [
    ['model', `${model.name}, weights ${model.fingerprint.slice(0, 12)}`],
    ['method', method],
    ...(looksAtImages && !search
      ? ([
          ['estimator', estimator],
          ['scored with', `${attention} deeper blocks`],
        ] as const)
      : []),
    ...(predictor
      ? [
          [
            'predictor',
            `R² ${mean(predictor.r2)} within held-back images, ${mean(predictor.staticR2)} by positions alone (mean over blocks)`,
          ] as const,
        ]
      : []),
    ...(candidates
      ? [
          [
            'chosen from',
            candidates
              .map(
                ({ method: name, divergence, agreement }) =>
                  `${name} (divergence ${divergence.toFixed(4)}, same class ${percent(agreement)})`,
              )
              .join(', '),
          ] as const,
        ]
      : []),
    ...(refused
      ? [
          [
            'passed over',
            refused.map(({ method: name, reason }) => `${name} (${reason})`).join(', '),
          ] as const,
        ]
      : []),
    ['schedule', schedule],
    ...(recovery ? [['weights adapted by', recoveryText(recovery)] as const] : []),
    ...(latency
      ? [
          [
            'time of one image',
            `dense ${latency.dense} ms, slimmed ${latency.slimmed} ms by its blocks, on ${latency.backend}`,
          ] as const,
        ]
      : []),
    ...(search
      ? [
          [
            'search',
            `${search.candidates} counts; divergence on ${search.heldBack} other images ${search.start.divergence.toFixed(4)} of the fixed shape, ${search.found.divergence.toFixed(4)} of the best found; ${search.taken === 'found' ? 'the latter taken' : 'the fixed shape kept'}`,
          ] as const,
        ]
      : []),
    [
      'keys',
      keys === 'compact'
        ? 'compact: removed tokens leave the network'
        : 'all: removed tokens go on serving as keys and values',
    ],
    ['calibration data', looksAtImages ? `${integer(images)} images of ${data}` : 'none is needed'],
    ...(looksAtImages ? [['seed', String(seed)] as const] : []),
    ['made by', tool],
  ];
  return element(
    'dl',
    {},
    ...entries.map(([term, text]) => element('dt', {}, term) + element('dd', {}, escape(text))),
  );
}

function recoveryText({
  spec,
  images,
  data,
  heldBack,
}: NonNullable<SlimPlan['provenance']['recovery']>): string {
  const [before, after] = [heldBack.before, heldBack.after].map((value) => value.toFixed(4));
  return `${spec}, ${integer(images)} images of ${data}; divergence on ${integer(heldBack.images)} held-back images ${before} before, ${after} after${changeWithin(heldBack.interval)}`;
}

/** The images are few, and have chosen the weights: the interval says how much of the gain is more than chance. */
function changeWithin(interval: readonly [number, number] | undefined): string {
  if (!interval) return '';
  const [low, high] = interval.map((end) => end.toFixed(4).replace('-', '−'));
  return ` (95 % interval of the change: ${low} to ${high})`;
}

function mean(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? unknown : (known.reduce((a, b) => a + b, 0) / known.length).toFixed(2);
}

function error(value: number | null | undefined): string {
  return value === null || value === undefined ? unknown : value.toPrecision(3);
}
