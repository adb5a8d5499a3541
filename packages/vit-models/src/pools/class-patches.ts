/** The class token and every patch, each for a head of its own (LV-ViT). */

import { prefixTokens } from '../config.js';
import { linear } from '../param-entry.js';
import { tokenOf } from './class-token.js';
import { patchRows } from './mean.js';
import type { Pool } from './pool.js';

export const classPatchesPool: Pool = {
  readsPatches: true,
  width: ({ width }) => width,
  params: ({ width, classes, headless }) =>
    headless ? [] : linear('patchHead', 'aux_head', [width, classes]),
  // The head of the patches gives their largest logit, to which a row counts once, however many tokens are in it.
  read(config, _, state) {
    const ofClass = tokenOf(config, state, 'class')!;
    return config.headless ? [ofClass] : [ofClass, patchRows(config, state)(state.tokens)];
  },
  macs: (config, rows) =>
    config.headless ? 0 : (rows - prefixTokens(config)) * config.width * config.classes,
};
