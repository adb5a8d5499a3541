/** Methods by name. To add one: write its file, add one line here. */

import { findByName } from '@patchslim/tensor';
import { classAttention } from './class-attention.js';
import { evit } from './evit.js';
import type { RuntimeMethod } from './method.js';
import { tome } from './tome.js';
import { ward } from './ward.js';

export const runtimeMethods: readonly RuntimeMethod[] = [ward, tome, evit, classAttention];

/** @throws UNKNOWN_NAME, with the names there are */
export const findRuntimeMethod = (name: string): RuntimeMethod =>
  findByName(runtimeMethods, name, 'run-time method');
