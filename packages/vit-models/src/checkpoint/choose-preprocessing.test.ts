/** What is assumed where no file says what becomes of an image, and that it is said. */

import { describe, expect, it } from 'vitest';
import { augregPreprocessing, deitPreprocessing } from '../preprocessing.js';
import { choosePreprocessing, classRemarks } from './choose-preprocessing.js';

const nothing = { preprocessing: undefined, modelType: undefined };
const native = { name: 'deit-tiny', imageSize: 224 };

describe('choosePreprocessing', () => {
  it('takes that of the file, without a word', () => {
    const preprocessing = augregPreprocessing(224);
    const found = choosePreprocessing({ preprocessing, modelType: 'deit' }, native, { isNamed: false });
    expect(found).toEqual({ preprocessing, remarks: [] });
  });

  it('scales that of the file to the weights, and says so', () => {
    const hub = { ...nothing, preprocessing: deitPreprocessing(112) };
    const { preprocessing, remarks } = choosePreprocessing(hub, native, { isNamed: false });
    expect(preprocessing).toEqual(deitPreprocessing(224));
    expect(remarks).toEqual([expect.stringContaining('gives 112 × 112 pixels, the weights take 224 × 224')]);
  });

  it.each([
    [
      'vit',
      {
        interpolation: 'bilinear',
        crop: false,
        resize: { to: 'exact', height: 224, width: 224 },
        mean: [0.5, 0.5, 0.5],
      },
    ],
    [
      'deit',
      {
        interpolation: 'bicubic',
        crop: true,
        resize: { to: 'exact', height: 256, width: 256 },
        mean: [0.485, 0.456, 0.406],
      },
    ],
    [
      'dinov2',
      { crop: true, resize: { to: 'shortest', size: 224 }, mean: [0.48145466, 0.4578275, 0.40821073] },
    ],
  ])('takes the defaults of the class for %s', (modelType, expected) => {
    const { preprocessing, remarks } = choosePreprocessing({ ...nothing, modelType }, native, {
      isNamed: true,
    });
    expect(preprocessing).toMatchObject({ height: 224, width: 224, ...expected });
    expect(remarks).toEqual([
      expect.stringMatching(/no preprocessor_config.json: the defaults of \w+ImageProcessor/),
    ]);
  });

  it('takes that of the origin, of the preset, and of DeiT, and says so unless the user named the preset', () => {
    const choose = (name: string, more: object = {}) =>
      choosePreprocessing(nothing, { name, imageSize: 32 }, { isNamed: false, ...more });
    expect(choose('vit-tiny')).toMatchObject({
      preprocessing: { mean: [0.5, 0.5, 0.5] },
      remarks: [expect.stringContaining('vit-tiny')],
    });
    expect(choose('vit-tiny', { isNamed: true }).remarks).toEqual([]);
    expect(choose('custom').preprocessing).toEqual(deitPreprocessing(32));
    expect(choose('custom').remarks).toEqual([expect.stringContaining("DeiT's is assumed")]);
    const ofOrigin = augregPreprocessing(32, 1);
    expect(choose('deit-tiny', { ofOrigin }).preprocessing).toEqual(ofOrigin);
  });
});

it('numbers of classes that differ are told', () => {
  expect(classRemarks({ labels: ['a', 'b'], classes: 2 }, { classes: 2 })).toEqual([]);
  expect(classRemarks({ labels: ['a'], classes: 1 }, { classes: 2 })).toEqual([
    'the 1 class names of config.json are not used: the weights have 2 classes',
    'num_classes of config.json is 1: the weights have 2 classes',
  ]);
});
