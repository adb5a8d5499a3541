/** Progress of a part that occurs more than once in a task. */

import type { LongCallOptions } from '@patchslim/tensor';

/** The same, with stages that say what they are for: `decode` becomes `decode (calibration)`. */
export function staged({ signal, onProgress }: LongCallOptions, what: string): LongCallOptions {
  return {
    signal,
    onProgress: onProgress && ((event) => onProgress({ ...event, stage: `${event.stage} (${what})` })),
  };
}
