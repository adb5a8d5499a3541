/** One line on stderr that shows how far a long call is; nothing when stderr is no terminal. */

import type { ProgressEvent } from '@patchslim/tensor';

export interface ProgressBar {
  show(event: ProgressEvent): void;
  /** Removes the line. */
  clear(): void;
}

const width = 24;

export function createProgressBar(stream: NodeJS.WriteStream, quiet: boolean): ProgressBar {
  if (quiet || !stream.isTTY) return { show: () => undefined, clear: () => undefined };
  let shown = false;
  return {
    show({ stage, done, total, unit }) {
      const filled = total > 0 ? Math.floor((width * done) / total) : 0;
      const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
      stream.write(`\r\x1b[2K${stage.padEnd(9)} ${bar} ${amount(done, unit)} / ${amount(total, unit)}`);
      shown = true;
    },
    clear() {
      if (shown) stream.write('\r\x1b[2K');
      shown = false;
    },
  };
}

const amount = (count: number, unit: ProgressEvent['unit']): string =>
  unit === 'bytes' ? `${(count / 1e6).toFixed(1)} MB` : `${count} ${unit}`;
