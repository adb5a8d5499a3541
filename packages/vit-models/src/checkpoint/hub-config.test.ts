/** What the JSON files beside the weights may say, what is remarked, and what is refused. */

import { describe, expect, it } from 'vitest';
import { readHubConfig } from './hub-config.js';
import { configKeys, preprocessorKeys, timmKeys } from './hub/keys.js';

const file = (name: string, value: unknown) => ({
  name,
  text: typeof value === 'string' ? value : JSON.stringify(value),
});
const readConfig = (value: unknown) => readHubConfig(file('config.json', value), undefined);
const readBoth = (config: unknown, preprocessor: unknown) =>
  readHubConfig(file('config.json', config), file('preprocessor_config.json', preprocessor));
const readPreprocessor = (value: unknown) => readBoth({}, value);

const mean = [0.5, 0.5, 0.5];
const std = [0.25, 0.25, 0.25];
const timm = { input_size: [3, 16, 16], interpolation: 'bicubic', crop_pct: 0.9, mean, std };
const huggingFace = {
  image_processor_type: 'ViTImageProcessor',
  size: { height: 20, width: 20 },
  image_mean: mean,
  image_std: std,
};

it('nothing is told by no file, and by empty ones', () => {
  const nothing = readHubConfig(undefined, undefined);
  const { remarks, ...told } = nothing;
  expect(remarks).toEqual([]);
  expect(new Set(Object.values(told))).toEqual(new Set([undefined]));
  expect(readBoth({}, {})).toEqual(nothing);
});

describe('config.json', () => {
  it.each([
    ['no JSON', '{', /config.json': not JSON/],
    ['no object', '[]', /config.json': not a JSON object/],
    ['half a head', { num_attention_heads: 2.5 }, /num_attention_heads: expected an integer from 1/],
    ['heads as a text', { num_attention_heads: '3' }, /num_attention_heads: .*got "3"/],
    ['a negative epsilon', { layer_norm_eps: -1 }, /layer_norm_eps: expected a number above 0, got -1/],
    ['an infinite epsilon', '{"layer_norm_eps":1e999}', /layer_norm_eps: .*got Infinity/],
    ['names that are no names', { id2label: 'all' }, /id2label: expected the names of the classes/],
    ['a name that is missing', { id2label: { 0: 'a', 2: 'c' } }, /id2label: .*classes 0 to 1.*no 1/],
    ['a name that is no text', { label_names: ['a', {}] }, /label_names: .*class 1, got an object/],
    ['an architecture that is no text', { architecture: 7 }, /architecture: expected a text, got 7/],
    ['a configuration that is none', { pretrained_cfg: [] }, /pretrained_cfg: expected an object/],
  ])('is refused with %s', (_, config, message) => {
    expect(() => readConfig(config)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_INVALID' }));
    expect(() => readConfig(config)).toThrow(message);
  });

  it.each([
    ['hardly any crop', { crop_pct: 1e-9 }, /crop_pct: .*got 1e-9/],
    ['no crop', { crop_pct: -0.9 }, /crop_pct: expected a number above 0, got -0.9/],
    ['an absurd image', { input_size: [3, 1e9, 1e9] }, /input_size: .*got \[3,1000000000,1000000000\]/],
    ['a grey image', { input_size: [1, 16, 16] }, /input_size: .*got \[1,16,16\]/],
    ['an oblong image', { input_size: [3, 16, 24] }, /input_size: expected \[3, size, size\]/],
    ['two means', { mean: [0, 0] }, /mean: expected one or three numbers that are finite, got \[0,0\]/],
    ['a deviation of 0', { std: [1, 0, 1] }, /std: .*above 0, got \[1,0,1\]/],
    ['another interpolation', { interpolation: 'random' }, /interpolation: expected one of .*"random"/],
    ['another crop', { crop_mode: 'corner' }, /crop_mode: expected one of center, squash, border/],
    ['a border of no colour', { crop_mode: 'border', mean: [2, 2, 2] }, /mean: .*the border/],
    ['a border that is cut', { crop_border_pixels: 4 }, /crop_border_pixels: this step is not supported/],
  ])('is refused with %s in the part of timm, nested and flat', (_, changes, message) => {
    expect(() => readConfig({ architecture: 'vit', pretrained_cfg: { ...timm, ...changes } })).toThrow(
      message,
    );
    expect(() => readConfig({ architecture: 'vit', ...timm, ...changes })).toThrow(message);
  });

  it('a mean beyond all numbers is refused', () => {
    expect(() => readConfig('{"pretrained_cfg":{"mean":[0,0,1e999]}}')).toThrow(/mean: .*finite/);
  });

  it.each([
    ['id2label', { id2label: { 1: 'b', 0: 'a' } }],
    ['label2id', { label2id: { b: 1, a: 0 } }],
    ['label_names on top', { label_names: ['a', 'b'], pretrained_cfg: { ...timm, label_names: ['c', 'd'] } }],
    ['label_names in pretrained_cfg', { pretrained_cfg: { ...timm, label_names: ['a', 'b'] } }],
    ['labels of an older file', { architecture: 'vit', ...timm, labels: ['a', 'b'] }],
    ['placeholders beside names', { id2label: { 0: 'LABEL_0', 1: 'LABEL_1' }, labels: ['a', 'b'] }],
  ])('names classes by %s', (_, config) => {
    expect(readConfig(config).labels).toEqual(['a', 'b']);
  });

  it('what the logits mean is read', () => {
    const problemType = 'multi_label_classification';
    expect(readConfig({ problem_type: problemType })).toMatchObject({ problemType, remarks: [] });
    expect(() => readConfig({ problem_type: 'ranking' })).toThrow(
      /problem_type: expected one of single_label/,
    );
  });

  it('placeholders name nothing', () => {
    expect(readConfig({ id2label: { 0: 'LABEL_0', 1: 'LABEL_1' } }).labels).toBeUndefined();
  });

  it('a network without a head has 0 classes, which is no number of names', () => {
    expect(readConfig({ num_classes: 0 }).classes).toBeUndefined();
    expect(readConfig({ pretrained_cfg: { ...timm, num_classes: 3 } }).classes).toBe(3);
  });

  it('defaults of timm are told', () => {
    const { remarks, preprocessing } = readConfig({ pretrained_cfg: { input_size: [3, 16, 16] } });
    expect(remarks.map((remark) => /has no (\w+)/.exec(remark)?.[1]).toSorted()).toEqual([
      ...['crop_pct', 'interpolation', 'mean', 'std'],
    ]);
    expect(preprocessing).toMatchObject({ resize: { size: 18 }, std: [0.229, 0.224, 0.225] });
  });
});

describe('preprocessor_config.json', () => {
  it.each([
    ['a deviation of 0', { image_std: [1, 0, 1] }, /image_std: .*above 0, got \[1,0,1\]/],
    ['a text as deviation', { image_std: 'half' }, /image_std: .*got "half"/],
    ['a negative size', { size: -1 }, /size: expected a number of pixels.*got -1/],
    ['half a pixel', { size: { shortest_edge: 20.5 } }, /size.shortest_edge: .*got 20.5/],
    ['a size of one side', { size: { height: 20 } }, /size: expected { height, width }.*got "height"/],
    ['a size of three sides', { size: [1, 2, 3] }, /size: expected two numbers of pixels/],
    ['a size of other names', { size: { max_height: 20, max_width: 20 } }, /size: expected { height/],
    ['a crop of no size', { do_center_crop: true }, /do_center_crop is true, but crop_size is missing/],
    ['a crop by its edge', { do_center_crop: true, crop_size: { shortest_edge: 9 } }, /crop_size: expected/],
    [
      'an absurd crop',
      { do_center_crop: true, crop_size: { height: 2 ** 53, width: 2 ** 53 } },
      /crop_size.height: .*got 9007199254740992/,
    ],
    ['another filter', { resample: 6 }, /resample: expected a number from 0 to 5 \(nearest, lanczos/],
    ['a filter by name', { resample: 'bicubic' }, /resample: .*got "bicubic"/],
    ['a step that is a number', { do_resize: 1 }, /do_resize: expected true or false, got 1/],
    ['a factor of 0', { rescale_factor: 0 }, /rescale_factor: expected a number above 0, got 0/],
    ['an offset', { rescale_offset: true }, /rescale_offset: this step is not supported/],
    ['channels the other way round', { do_flip_channel_order: true }, /do_flip_channel_order/],
    [
      'padding to the largest',
      { size: { shortest_edge: 9 }, do_pad: true },
      /do_pad: expected false, or a crop/,
    ],
    ['a step that nobody knows', { do_swirl: true }, /do_swirl: this step is not supported, got true/],
    [
      'a class that nobody knows, and its defaults',
      { image_processor_type: 'SwirlImageProcessor', size: 20 },
      /the image processor "SwirlImageProcessor" is not known/,
    ],
  ])('is refused with %s', (_, changes, message) => {
    const read = () => readPreprocessor({ ...huggingFace, ...changes });
    expect(read).toThrow(expect.objectContaining({ code: 'CHECKPOINT_INVALID' }));
    expect(read).toThrow(message);
  });

  it('one that says all needs no remark; one that says nothing has a remark for each default', () => {
    expect(readPreprocessor(huggingFace).remarks).toEqual([]);
    const { remarks } = readPreprocessor({ image_processor_type: 'DeiTFeatureExtractor' });
    expect(remarks.map((remark) => /has no (\w+)/.exec(remark)?.[1])).toEqual([
      'size',
      'image_mean',
      'image_std',
    ]);
    expect(remarks[1]).toContain('0.5 0.5 0.5 is used, the default of DeiTImageProcessor');
  });

  it('a class that nobody knows is read when nothing is left to its defaults', () => {
    const all = {
      ...huggingFace,
      image_processor_type: 'Swirl',
      resample: 3,
      do_resize: true,
      do_normalize: true,
    };
    const { preprocessing, remarks } = readPreprocessor(all);
    expect(preprocessing).toMatchObject({ resize: { to: 'exact', height: 20, width: 20 } });
    expect(remarks).toEqual([expect.stringContaining('Swirl is not known')]);
  });

  it('counts before the part of timm, and a remark says when they differ', () => {
    const config = { pretrained_cfg: timm };
    const { preprocessing, remarks } = readBoth(config, huggingFace);
    expect(preprocessing).toMatchObject({ height: 20, width: 20 });
    expect(remarks).toEqual([expect.stringContaining('says otherwise')]);
    const same = { ...huggingFace, size: { height: 16, width: 16 }, resample: 3 };
    expect(readBoth({ pretrained_cfg: { ...timm, crop_pct: 1, crop_mode: 'squash' } }, same).remarks).toEqual(
      [],
    );
  });

  it('of the wrapper for timm is the part of timm', () => {
    const wrapper = { image_processor_type: 'TimmWrapperImageProcessor', pretrained_cfg: timm };
    const expected = readConfig({ pretrained_cfg: timm }).preprocessing;
    expect(readPreprocessor(wrapper).preprocessing).toEqual(expected);
  });
});

describe('no key is dropped without a word', () => {
  const unknown = (json: object) => ({ ...json, swirl: 1 });
  it.each([
    ['config.json of transformers', () => readConfig(unknown({ model_type: 'vit' }))],
    ['config.json of timm', () => readConfig(unknown({ pretrained_cfg: timm }))],
    ['pretrained_cfg', () => readConfig({ pretrained_cfg: unknown(timm) })],
    ['an older config.json of timm', () => readConfig(unknown({ architecture: 'vit', ...timm }))],
    ['preprocessor_config.json', () => readPreprocessor(unknown(huggingFace))],
    [
      'the wrapper for timm',
      () => readPreprocessor(unknown({ image_processor_type: 'TimmWrapper', pretrained_cfg: timm })),
    ],
  ])('of %s', (_, read) => {
    expect(read().remarks).toEqual([expect.stringMatching(/not used: swirl$/)]);
  });

  it.each(['crop_pct', 'crop_mode', 'mean', 'input_size'])(
    '%s of timm on top of a file that is one of transformers',
    (key) => {
      expect(readConfig({ model_type: 'vit', [key]: 1 }).remarks).toEqual([
        expect.stringMatching(new RegExp(`not used: ${key}$`)),
      ]);
    },
  );

  it('keys that are off, and those in the tables, need none', () => {
    const off = { swirl: null, do_swirl: false, crop_pct: null };
    expect(readPreprocessor({ ...huggingFace, ...off }).remarks).toEqual([]);
    const idle = (table: Readonly<Record<string, string>>) =>
      Object.fromEntries(
        Object.keys(table)
          .filter((key) => table[key] === 'no effect')
          .map((key) => [key, 'x']),
      );
    expect(readBoth(idle(configKeys), { ...idle(preprocessorKeys), ...huggingFace }).remarks).toEqual([]);
    expect(readConfig({ pretrained_cfg: { ...idle(timmKeys), ...timm } }).remarks).toEqual([]);
  });

  it('of many unknown keys the first are named', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key${i}`, 1]));
    const [remark] = readConfig(many).remarks;
    expect(remark).toMatch(/key0, key1, .*key7 and 12 more$/);
  });
});
