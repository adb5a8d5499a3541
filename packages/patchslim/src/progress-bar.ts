/** How far a long call is, on stderr: one line that changes, or where stderr is no terminal a line every so often. */

import type { ProgressEvent } from '@patchslim/tensor';

export interface ProgressBar {
  show(event: ProgressEvent): void;
  /** Removes the line. */
  clear(): void;
}

const width = 24;

/** Milliseconds before the first line in a file or pipe, and at least between lines. Short jobs print none. */
const leastApart = 10_000;
/** A line comes with each such share of a stage, and after so many milliseconds also without. */
const progressPerLine = 0.05;
const mostApart = 60_000;

/** @param now milliseconds, for tests */
export function createProgressBar(
  stream: NodeJS.WriteStream,
  quiet: boolean,
  now: () => number = () => performance.now(),
): ProgressBar {
  if (quiet) return { show: () => undefined, clear: () => undefined };
  return stream.isTTY ? changingLine(stream) : manyLines(stream, now);
}

function changingLine(stream: NodeJS.WriteStream): ProgressBar {
  let shown = false;
  return {
    show(event) {
      const { stage, done, total } = event;
      const filled = total > 0 ? Math.floor((width * done) / total) : 0;
      const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
      stream.write(`\r\x1b[2K${stage.padEnd(9)} ${bar} ${amounts(event)}`);
      shown = true;
    },
    clear() {
      if (shown) stream.write('\r\x1b[2K');
      shown = false;
    },
  };
}

/** For logs: no control characters. */
function manyLines(stream: NodeJS.WriteStream, now: () => number): ProgressBar {
  const start = now();
  let last = { time: start, stage: '', share: 0 };
  return {
    show(event) {
      const { stage, done, total } = event;
      const [time, share] = [now(), total > 0 ? done / total : 0];
      if (time < last.time + leastApart) return;
      const far = stage !== last.stage || share >= last.share + progressPerLine;
      if (!far && time < last.time + mostApart) return;
      last = { time, stage, share };
      stream.write(`[${clock(time - start)}] ${stage} ${amounts(event)} (${Math.floor(100 * share)} %)\n`);
    },
    clear: () => undefined,
  };
}

/** Minutes and seconds. */
function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

const amounts = ({ done, total, unit }: ProgressEvent): string =>
  `${amount(done, unit)} / ${amount(total, unit)}`;

const amount = (count: number, unit: ProgressEvent['unit']): string =>
  unit === 'bytes' ? `${(count / 1e6).toFixed(1)} MB` : `${count} ${unit}`;
