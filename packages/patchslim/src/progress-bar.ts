/** How far a long call is, on stderr: one line that changes, or where stderr is no terminal a line every so often. */

import type { ProgressEvent } from '@patchslim/tensor';

export interface ProgressBar {
  show(event: ProgressEvent): void;
  /** Removes the line. */
  clear(): void;
}

const width = 24;

/** Milliseconds until the first line in a file or pipe, and between lines. Short jobs print none. */
const firstLine = 10_000;
const betweenLines = 30_000;

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
  let next = start + firstLine;
  return {
    show(event) {
      const time = now();
      if (time < next) return;
      next = time + betweenLines;
      stream.write(`[${clock(time - start)}] ${event.stage} ${amounts(event)}\n`);
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
