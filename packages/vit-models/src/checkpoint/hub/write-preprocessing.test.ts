/** What is written is read back as it was. */

import { describe, expect, it } from 'vitest';
import { augregPreprocessing, deitPreprocessing, type Preprocessing } from '../../preprocessing.js';
import { readHubConfig } from '../hub-config.js';
import { samePreprocessing } from './same-preprocessing.js';
import { preprocessorConfig, writePreprocessing } from './write-preprocessing.js';

const vit: Preprocessing = {
  ...augregPreprocessing(16, 1),
  ...{ resize: { to: 'exact', height: 16, width: 16 }, interpolation: 'bilinear', crop: false },
  rounding: 'down',
};
const border: Preprocessing = {
  ...deitPreprocessing(16),
  ...{ resize: { to: 'longest', size: 18 }, fill: [124, 116, 104] },
};

const kinds: readonly (readonly [string, Preprocessing, 'timm' | 'hugging-face'])[] = [
  ['of DeiT', deitPreprocessing(16), 'timm'],
  ['of AugReg', augregPreprocessing(16), 'timm'],
  ['to a square', vit, 'timm'],
  ['with a border', border, 'timm'],
  [
    'with a crop larger than the image',
    { ...deitPreprocessing(16), resize: { to: 'shortest', size: 9 } },
    'timm',
  ],
  ['of other sides', { ...vit, resize: { to: 'exact', height: 18, width: 20 }, crop: true }, 'hugging-face'],
  ['of transformers', { ...deitPreprocessing(16), rounding: 'down' }, 'hugging-face'],
  ['without a crop', { ...vit, resize: { to: 'shortest', size: 16 } }, 'hugging-face'],
  ['without a resize', { ...vit, resize: { to: 'none' }, crop: true }, 'hugging-face'],
  ['without either', { ...vit, resize: { to: 'none' } }, 'hugging-face'],
  [
    'of a longest side',
    { ...vit, resize: { to: 'shortest', size: 16, longest: 30 }, crop: true },
    'hugging-face',
  ],
  ['of another factor', { ...vit, rescale: 0.25 }, 'hugging-face'],
  ['of another factor, rounded to even', { ...deitPreprocessing(16), rescale: 0.25 }, 'hugging-face'],
  ['of bytes', { ...vit, rescale: 1, mean: [0, 0, 0], std: [1, 1, 1] }, 'hugging-face'],
];

describe('writePreprocessing', () => {
  it.each(kinds)('comes back: %s', (_, preprocessing, form) => {
    const written = writePreprocessing(preprocessing);
    expect(written.form).toBe(form);
    const text = JSON.stringify(form === 'timm' ? { pretrained_cfg: written.json } : written.json);
    const name = form === 'timm' ? 'config.json' : 'preprocessor_config.json';
    const file = { name, text };
    const back = form === 'timm' ? readHubConfig(file, undefined) : readHubConfig(undefined, file);
    expect(back.remarks).toEqual([]);
    expect(samePreprocessing(back.preprocessing!, preprocessing)).toBe(true);
  });

  it('refuses a mixture that neither can say', () => {
    expect(() => writePreprocessing({ ...border, rescale: 1 })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

it('samePreprocessing sees every field, where it has an effect', () => {
  const changes: Partial<Preprocessing>[] = [
    ...[{ height: 15 }, { width: 15 }, { resize: { to: 'longest', size: 18 } } as const],
    ...[{ interpolation: 'box' } as const, { crop: false }, { fill: [0, 0, 1] } as const],
    ...[
      { rounding: 'down' } as const,
      { rescale: 1 },
      { mean: [0, 0, 0] } as const,
      { std: [1, 1, 2] } as const,
    ],
  ];
  const deit = deitPreprocessing(16);
  for (const change of changes) expect(samePreprocessing(deit, { ...deit, ...change })).toBe(false);
  expect(samePreprocessing(vit, { ...vit, crop: true, fill: [1, 2, 3], rounding: 'even' })).toBe(true);
});

it('preprocessorConfig is what transformers reads', () => {
  expect(preprocessorConfig(deitPreprocessing(224))).toEqual({
    image_processor_type: 'ViTImageProcessor',
    do_resize: true,
    size: { shortest_edge: 256 },
    resample: 3,
    do_center_crop: true,
    crop_size: { height: 224, width: 224 },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [0.485, 0.456, 0.406],
    image_std: [0.229, 0.224, 0.225],
  });
});

it('rounds margins as torchvision where only its processors crop', () => {
  const read = (json: object, model_type = 'vit') =>
    readHubConfig(
      { name: 'config.json', text: JSON.stringify({ model_type }) },
      {
        name: 'preprocessor_config.json',
        text: JSON.stringify({ size: { shortest_edge: 16 }, crop_size: 16, ...json }),
      },
    ).preprocessing!.rounding;
  expect(read({ do_center_crop: true })).toBe('even');
  expect(read({})).toBe('down');
  expect(read({ do_center_crop: true, image_processor_type: 'CLIPImageProcessor' })).toBe('down');
  expect(read({ do_center_crop: true }, 'deit')).toBe('down');
});
