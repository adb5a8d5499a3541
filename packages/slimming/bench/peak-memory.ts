/** `peak-memory.ts dense|slimmed COUNT`: makes a plan and prints the largest resident size of the process, in MB. */

import { findRealData } from '@patchslim/testing';
import { setUp, slimByImpact, type DeeperBlocks } from './setup.js';

const [deeperBlocks, count] = process.argv.slice(2);
await slimByImpact(await setUp(findRealData()!, Number(count)), deeperBlocks as DeeperBlocks);
console.log(Math.round((process.resourceUsage().maxRSS * 1024) / 1e6));
