/** The pools by the name that `VitConfig.pool` has for them. */

import { switchesOf, type Switches, type VitConfig } from '../config.js';
import { attentionPool } from './attention.js';
import { classPatchesPool } from './class-patches.js';
import { classPool } from './class-token.js';
import { classMeanPool, meanPool } from './mean.js';
import type { Pool } from './pool.js';

const pools: Readonly<Record<Switches['pool'], Pool>> = {
  class: classPool,
  mean: meanPool,
  'class-mean': classMeanPool,
  attention: attentionPool,
  'class-patches': classPatchesPool,
};

/** The pool of an architecture. */
export const poolOf = (config: VitConfig): Pool => pools[switchesOf(config).pool];

/** The names of all pools. */
export const poolNames = Object.keys(pools) as Switches['pool'][];
