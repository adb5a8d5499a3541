import { tensorsIn } from '@patchslim/tensor';
import { expect, it } from 'vitest';
import { initParams, vitConfig } from './index.js';

const config = { ...vitConfig('deit-tiny'), depth: 1, classes: 10 };
const params = initParams(config, 0);

it('weights are normal with deviation 0.02, cut at two deviations', () => {
  const { data } = params.blocks[0]!.mlp1.weight;
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
  const deviation = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);
  expect(Math.abs(mean)).toBeLessThan(2e-4);
  expect(deviation).toBeCloseTo(0.02 * 0.88, 3); // of a normal distribution cut at two deviations
  expect(data.every((x) => Math.abs(x) <= 0.04 + 1e-8)).toBe(true);
});

it('biases are zero and norms the identity', () => {
  expect(new Set(params.blocks[0]!.query.bias!.data)).toEqual(new Set([0]));
  expect(new Set(params.norm!.gamma.data)).toEqual(new Set([1]));
  expect(new Set(params.norm!.beta.data)).toEqual(new Set([0]));
});

it('the seed decides', () => {
  expect(initParams(config, 0)).toEqual(params);
  expect(initParams(config, 1).prefix).not.toEqual(params.prefix);
  expect(tensorsIn(params)).toEqual([]); // values in ordinary memory, of no backend
});
