/** Lifetime of a backend: it ends when the owner closes it or its device is lost. */

import { PatchslimError } from '@patchslim/tensor';

export interface Lifetime {
  /** @throws `DISPOSED` after `end`, `DEVICE_LOST` after the loss is reported */
  requireUsable(what: string): void;
  /** After a failed call, waits for a report that the device is lost: the two arrive in any order. */
  hearOfLoss(): Promise<void>;
  /** Ends it; returns false if it had already ended. */
  end(): boolean;
}

/** Timeout of `hearOfLoss`, ms. */
const patience = 500;

/** @param lost resolves with the reason when the device is lost */
export function createLifetime(name: string, lost?: Promise<string>): Lifetime {
  let ended = false;
  let lossReason: string | undefined;
  const noted = lost?.then((reason) => {
    lossReason = reason;
  });
  return {
    requireUsable(what) {
      if (ended) throw new PatchslimError('DISPOSED', `${what}: backend '${name}' was closed`);
      if (lossReason === undefined) return;
      const text = `${what}: the device of backend '${name}' was lost (${lossReason})`;
      throw new PatchslimError('DEVICE_LOST', `${text}; its tensors are gone; open a new backend`, {
        backend: name,
        reason: lossReason,
      });
    },
    async hearOfLoss() {
      if (noted) await Promise.race([noted, new Promise((resolve) => setTimeout(resolve, patience))]);
    },
    end() {
      const first = !ended;
      ended = true;
      return first;
    },
  };
}
