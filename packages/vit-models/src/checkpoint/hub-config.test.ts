/** What the JSON files beside the weights may say, and what is refused. */

import { describe, expect, it } from 'vitest';
import { readHubConfig } from './hub-config.js';

const file = (name: string, value: unknown) => ({
  name,
  text: typeof value === 'string' ? value : JSON.stringify(value),
});
const [mean, std] = [
  [0.5, 0.5, 0.5],
  [0.25, 0.25, 0.25],
];
const timm = { input_size: [3, 16, 16], crop_pct: 0.9, mean, std };
const huggingFace = { size: 20, image_mean: mean, image_std: std };

it('nothing is told by no file, by empty ones, and by values of kinds that nobody writes', () => {
  const nothing = readHubConfig(undefined, undefined);
  expect(Object.values(nothing)).toEqual(Array(5).fill(undefined));
  expect(readHubConfig(file('a', {}), file('b', {}))).toEqual(nothing);
  const odd = { layer_norm_eps: '1e-6', num_attention_heads: null, id2label: 'all', architecture: 7 };
  expect(readHubConfig(file('a', odd), file('b', { ...huggingFace, size: 'large' }))).toEqual(nothing);
});

describe('config.json', () => {
  it.each([
    ['no JSON', '{', /config.json': not JSON/],
    ['no object', '[]', /config.json': not a JSON object/],
    ['another activation', { hidden_act: 'quick_gelu' }, /hidden_act: expected gelu, got "quick_gelu"/],
    ['an activation that is no text', { hidden_act: [[1]] }, /expected gelu, got a list/],
    ['half a head', { num_attention_heads: 2.5 }, /num_attention_heads: expected an integer from 1/],
    ['a negative epsilon', { layer_norm_eps: -1 }, /layer_norm_eps: expected a number above 0, got -1/],
    ['an infinite epsilon', '{"layer_norm_eps":1e999}', /layer_norm_eps: .*got Infinity/],
    ['a crop above the image', { pretrained_cfg: { ...timm, crop_pct: 1.5 } }, /crop_pct: .*got 1.5/],
    ['hardly any crop', { pretrained_cfg: { ...timm, crop_pct: 1e-9 } }, /crop_pct: .*got 1e-9/],
    [
      'an absurd image',
      { pretrained_cfg: { ...timm, input_size: [3, 1, 1e9] } },
      /input_size: .*got 1000000000/,
    ],
    ['a mean beyond all numbers', '{"pretrained_cfg":{"mean":[0,0,1e999]}}', /mean: expected three finite/],
  ])('is refused with %s', (_, config, message) => {
    const read = () => readHubConfig(file('config.json', config), undefined);
    expect(read).toThrow(expect.objectContaining({ code: 'CHECKPOINT_INVALID' }));
    expect(read).toThrow(message);
  });
});

describe('preprocessor_config.json', () => {
  it.each([
    ['a deviation of 0', { ...huggingFace, image_std: [1, 0, 1] }, /image_std: .*above 0, got \[1,0,1\]/],
    ['a negative size', { ...huggingFace, size: -1 }, /size: expected an integer from 1 to 100000, got -1/],
    ['half a pixel', { ...huggingFace, size: { shortest_edge: 20.5 } }, /size: .*got 20.5/],
    [
      'an absurd crop',
      { ...huggingFace, do_center_crop: true, crop_size: { height: 2 ** 53 } },
      /crop_size: .*got 9007199254740992/,
    ],
  ])('is refused with %s', (_, preprocessor, message) => {
    const read = () => readHubConfig(undefined, file('preprocessor_config.json', preprocessor));
    expect(read).toThrow(expect.objectContaining({ code: 'CHECKPOINT_INVALID' }));
    expect(read).toThrow(message);
  });
});
