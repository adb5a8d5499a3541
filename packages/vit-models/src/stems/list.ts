/** The stems by the name that `VitConfig.stem` has for them. */

import { switchesOf, type Switches, type VitConfig } from '../config.js';
import { convStem } from './conv.js';
import { patchStem } from './patch.js';
import type { Stem } from './stem.js';
import { performerStem } from './t2t-performer.js';
import { transformerStem } from './t2t-transformer.js';

const stems: Readonly<Record<Switches['stem'], Stem>> = {
  patch: patchStem,
  conv: convStem,
  't2t-performer': performerStem,
  't2t-transformer': transformerStem,
};

/** The stem of an architecture. */
export const stemOf = (config: Pick<VitConfig, 'stem'>): Stem => stems[switchesOf(config).stem];

/** The names of all stems. */
export const stemNames = Object.keys(stems) as Switches['stem'][];
