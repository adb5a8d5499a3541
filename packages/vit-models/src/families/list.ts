/** The list of the model families. */

import { beit } from './beit.js';
import { clip } from './clip.js';
import { deit, deit3 } from './deit.js';
import { dinov2 } from './dinov2.js';
import { dinov3 } from './dinov3.js';
import { eva02 } from './eva02.js';
import type { Family } from './family.js';
import { lvVit } from './lv-vit.js';
import { siglip } from './siglip.js';
import { t2tVit } from './t2t-vit.js';
import { vit } from './vit.js';

/** All families, in the order in which their recognisers are asked. */
export const families: readonly Family[] = [
  deit,
  vit,
  deit3,
  dinov2,
  dinov3,
  clip,
  siglip,
  eva02,
  beit,
  t2tVit,
  lvVit,
];
