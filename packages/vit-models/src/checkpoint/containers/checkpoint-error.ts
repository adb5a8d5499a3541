/** Errors of weight files in any format. */

import { PatchslimError, type ErrorDetails } from '@patchslim/tensor';

/** A weight file that breaks its format, or that is refused: `CHECKPOINT_INVALID`. */
export function refused(
  file: string,
  problem: string,
  details: ErrorDetails = {},
  cause?: unknown,
): PatchslimError {
  return new PatchslimError('CHECKPOINT_INVALID', `'${file}': ${problem}`, { file, ...details }, cause);
}

/** A name of weights that is not looked at would choose nothing, without a word. @throws `CHECKPOINT_INVALID` */
export function refuseEntry(file: string, entry: string | undefined): void {
  if (entry === undefined) return;
  throw refused(file, 'holds one set of weights; an entry is a key of a PyTorch file that holds several', {
    entry,
  });
}

/** A name of the file in a message: hostile ones are long, or hold control characters. */
export function quoted(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return JSON.stringify(short).slice(1, -1);
}
