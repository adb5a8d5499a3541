/** Schedules as text: `name:arguments`. To add a schedule: write its file, add one line here. */

import { findByName, PatchslimError } from '@patchslim/tensor';
import { currentBackendName } from './backend-names.js';
import { budgetSchedule } from './budget.js';
import { constantSchedule } from './constant.js';
import { countsSchedule } from './counts.js';
import { keepRatioSchedule } from './keep-ratio.js';
import { searchSchedule } from './search.js';
import { errorNorms, type ErrorNorm, type Schedule } from './schedule.js';
import { topDownSchedule } from './top-down.js';

interface ScheduleFormat {
  readonly name: string;
  /** The format, for help texts. */
  readonly usage: string;
  parse(text: string): Schedule;
}

/** The formats that `parseSchedule` reads. */
export const scheduleFormats: readonly ScheduleFormat[] = [
  {
    name: 'budget',
    usage: 'budget:0.5 (share of the dense multiply-accumulates), budget:12ms@native (time of one image)',
    parse: (text) => budgetSchedule(...parseBudget(text)),
  },
  {
    name: 'constant',
    usage: 'constant:13 (patches less in every block)',
    parse: (text) => constantSchedule(number('constant', text)),
  },
  { name: 'counts', usage: 'counts:197,197,160,… (tokens kept by each block)', parse: parseCounts },
  {
    name: 'keep-ratio',
    usage: 'keep-ratio:0.7@4,7,10 (share kept, at blocks counted from 1)',
    parse: parseKeepRatio,
  },
  {
    name: 'search',
    usage: 'search:0.5, search:12ms@native (a budget, whose counts are searched for on images)',
    parse: (text) => searchSchedule(...parseBudget(text)),
  },
  {
    name: 'top-down',
    usage: 'top-down:tolerance=0.02[,granularity=10][,norm=relative]',
    parse: parseTopDown,
  },
];

/**
 * Reads `budget:…`, `constant:…`, `counts:…`, `keep-ratio:…`, `search:…` or `top-down:…`.
 * @throws UNKNOWN_NAME, INVALID_ARGUMENT
 * @example parseSchedule('keep-ratio:0.7@4,7,10')
 */
export function parseSchedule(text: string): Schedule {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  return findByName(scheduleFormats, name, 'schedule').parse(colon < 0 ? '' : text.slice(colon + 1));
}

/** Formats of `budget` and `search`. */
function parseBudget(text: string): [most: number, backend?: string] {
  const percent = /^([\d.]+) ?%$/.exec(text)?.[1];
  if (percent !== undefined && Number(percent) > 0) {
    const share = `${percent} % is budget:${Number(percent) / 100}`;
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `budget schedule: expected a share in (0, 1], got '${text}'; ${share}`,
    );
  }
  const latency = /^(.+)ms@([a-z0-9-]+)$/.exec(text);
  if (!latency) return [number('budget', text)];
  return [number('budget', latency[1]!), currentBackendName(latency[2]!)];
}

function parseCounts(text: string): Schedule {
  return countsSchedule(numbers('counts', text));
}

function parseKeepRatio(text: string): Schedule {
  const [ratio, blocks, ...rest] = text.split('@');
  if (ratio === undefined || blocks === undefined || rest.length > 0) malformed('keep-ratio', text);
  return keepRatioSchedule(
    number('keep-ratio', ratio),
    numbers('keep-ratio', blocks).map((block) => block - 1),
  );
}

function parseTopDown(text: string): Schedule {
  const options = { tolerance: Number.NaN, granularity: 10, norm: 'relative' as ErrorNorm };
  for (const part of text.split(',')) {
    const [key, value = ''] = part.split('=');
    if (key === 'tolerance' || key === 'granularity') options[key] = number('top-down', value);
    else if (key === 'norm')
      options.norm = findByName(
        errorNorms.map((name) => ({ name })),
        value,
        'error norm',
      ).name;
    else malformed('top-down', text);
  }
  return topDownSchedule(options);
}

function numbers(schedule: string, text: string): number[] {
  return text.split(',').map((part) => number(schedule, part));
}

function number(schedule: string, text: string): number {
  if (text.trim() === '' || !Number.isFinite(Number(text))) malformed(schedule, text);
  return Number(text);
}

function malformed(schedule: string, text: string): never {
  const { usage } = scheduleFormats.find((format) => format.name === schedule)!;
  throw new PatchslimError('INVALID_ARGUMENT', `parseSchedule(): '${text}' does not read as ${usage}`);
}
