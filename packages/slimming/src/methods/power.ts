/** PoWER-BERT (arXiv 2001.08950), as the Patch Slimming paper has it for vision: keeps what all tokens attend to. */

import { reduceTo } from '../counted-plan.js';
import type { RuntimeMethod } from './method.js';

export const power: RuntimeMethod = {
  name: 'power',
  summary: 'keeps what all tokens attend to (PoWER)',
  entry: (count) => reduceTo(count, 'top-k', { score: { name: 'attention-received' } }),
};
