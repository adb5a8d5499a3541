/** The stems by the name that `VitConfig.stem` has for them. */

import { switchesOf, type Switches, type VitConfig } from '../config.js';
import { patchStem } from './patch.js';
import type { Stem } from './stem.js';

const stems: Partial<Record<Switches['stem'], Stem>> = {
  patch: patchStem,
};

/** The stem of an architecture. */
export const stemOf = (config: VitConfig): Stem => stems[switchesOf(config).stem]!;

/** The names of all stems. */
export const stemNames = Object.keys(stems) as Switches['stem'][];
