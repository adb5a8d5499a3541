/** Costs of the pipeline on real weights and images, as ratios within one run. */

import { findRealData } from '@patchslim/testing';
import { benchEvaluate } from './evaluate.js';
import { benchLatency } from './latency.js';
import { benchProfile } from './profile.js';
import { benchSlim } from './slim.js';

const data = findRealData();
if (data) {
  await benchEvaluate(data);
  await benchLatency(data);
  await benchSlim(data);
  for (const batch of [1, 8]) await benchProfile(data, batch);
} else {
  console.log('nothing measured: deit_tiny and imagenet_sample are absent; set PATCHSLIM_DATA');
}
