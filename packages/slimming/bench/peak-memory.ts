/** `peak-memory.ts dense|slimmed COUNT`: makes a plan and prints the largest resident size of the process, in MB. */

import type { AttentionMode } from '../src/index.js';
import { findRealData } from '@patchslim/testing';
import { setUp, slimByImpact } from './setup.js';

const [attention, count] = process.argv.slice(2);
await slimByImpact(await setUp(findRealData()!, Number(count)), attention as AttentionMode);
console.log(Math.round((process.resourceUsage().maxRSS * 1024) / 1e6));
