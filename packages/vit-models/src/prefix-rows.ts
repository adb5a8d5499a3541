/** Where the prefix tokens are among the rows of a block. */

import { Tensor } from '@patchslim/tensor';
import { prefixPositions } from './config.js';
import type { BlockView } from './reducer.js';

/** The rows of a view that hold the prefix tokens, the class token first. */
export function prefixRows({ config, positions }: Pick<BlockView, 'config' | 'positions'>): number[] {
  const prefix = prefixPositions(config);
  // Positions that only the run knows begin with the prefix tokens.
  return positions instanceof Tensor ? prefix : prefix.map((position) => positions.indexOf(position));
}
