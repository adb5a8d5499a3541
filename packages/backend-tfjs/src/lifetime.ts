/** Until when a backend can be used: it is closed by its owner, or its device goes away under it. */

import { PatchslimError } from '@patchslim/tensor';

export interface Lifetime {
  /** @throws `DISPOSED` after `end`, `DEVICE_LOST` once the device is known to be lost */
  requireUsable(what: string): void;
  /** Waits for word of a lost device after a call failed: the two reports come in no fixed order. */
  hearOfLoss(): Promise<void>;
  /** Whether this call ended it. */
  end(): boolean;
}

/** How long `hearOfLoss` waits, ms. */
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
      throw new PatchslimError('DEVICE_LOST', `${text}; its tensors are gone with it, open a new backend`, {
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
