/** Lists of class names. */

import { fuzz, fuzzTimeout, mutatedText } from '@patchslim/testing';
import { expect, it } from 'vitest';
import { parseClassNames } from './parse-class-names.js';

const parse = (text: string, classes: number) =>
  parseClassNames(new TextEncoder().encode(text), 'names', classes);

it.each([
  ['a line each', 'cat\ndog\nlynx\n'],
  ['CRLF, a byte order mark, empty lines at the end', '\uFEFFcat\r\n dog \r\nlynx\r\n\r\n\n'],
  ['WordNet ids', 'n00000001 cat\nn00000002 dog\nn00000003\tlynx'],
  ['a JSON list', '["cat", "dog", "lynx"]'],
  ['a JSON map', '{"0": "cat", "2": "lynx", "1": "dog"}'],
  ['imagenet_class_index.json', '{"0": ["n01", "cat"], "1": ["n02", "dog"], "2": ["n03", "lynx"]}'],
  ['the names first', '{"dog": 1, "cat": 0, "lynx": 2}'],
  ['a config.json', '{"model_type": "vit", "id2label": {"0": "cat", "1": "dog", "2": "lynx"}}'],
])('reads %s', (_, text) => {
  expect(parse(text, 3)).toEqual(['cat', 'dog', 'lynx']);
});

it('reads UTF-16', () => {
  expect(parseClassNames(Buffer.from('\uFEFFgr\u00fcn\nrot', 'utf16le'), 'names', 2)).toEqual([
    'gr\u00fcn',
    'rot',
  ]);
});

it('an empty line between others is a class without a name', () => {
  expect(parse('cat\n\nlynx\n', 3)).toEqual(['cat', 'class 1', 'lynx']);
  expect(() => parse('cat\n\nlynx\n', 2)).toThrow('expected the names of the 2 classes of the model, got 3');
});

it.each([
  ['background\ncat\ndog', /got 3; is 'background', the first, a class of the model\?/],
  ['cat', /names of the 2 classes of the model, got 1$/],
  ['', /got 0$/],
  ['["cat", 7]', /expected a name for class 1, got 7/],
  ['{"1": "cat", "2": "dog"}', /expected the indices 0 to 1, 0 is missing/],
  ['{"0": "cat", ', /begins as JSON, but is none/],
])('refuses %j', (text, message) => {
  expect(() => parse(text, 2)).toThrow(
    expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(message) as string }),
  );
});

it('a hostile list is read, or refused as DATA_INVALID', { timeout: fuzzTimeout }, async () => {
  const { refused } = await fuzz({
    inputs: mutatedText(
      ['cat\ndog\n', '["cat", "dog"]', '{"0": ["n01440764", "cat"], "1": "dog"}'],
      ['"', '{', '[', ']', '\n', '\0', '__proto__', 'n01440764 ', 'null', '[[', '1e9'],
    ),
    read: (text) => {
      const names = parse(text, 2);
      expect(names.length === 2 && names.every((name) => typeof name === 'string' && name !== '')).toBe(true);
    },
    codes: ['DATA_INVALID'],
  });
  expect(refused['DATA_INVALID']).toBeGreaterThan(0);
});
