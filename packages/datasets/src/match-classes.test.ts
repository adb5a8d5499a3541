/** Sub-folders as classes of a model. */

import { imagenetClasses, presetLabels, vitConfig } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../test/folder.js';
import { openImageFolder } from './image-folder.js';
import { matchClasses, type ClassesOfModel } from './match-classes.js';

const open = async (...names: string[]) =>
  openImageFolder(await makeFolder(Object.fromEntries(names.map((name) => [`${name}/1.jpg`, '']))));

const modelOf = (classes: number, labels?: readonly string[]): ClassesOfModel => ({
  config: { classes },
  ...(labels && { labels }),
});

/** Classes by folder. */
const matched = (folder: Awaited<ReturnType<typeof open>>, model: ClassesOfModel) => {
  const { examples, remarks } = matchClasses(folder, model);
  const classes: Record<string, unknown> = Object.fromEntries(
    examples.map(({ id, label }) => [id.split('/')[0]!, label]),
  );
  return { classes, remarks };
};

const imagenet = async () => modelOf(1000, await presetLabels(vitConfig('deit-tiny')));

describe('a model with class names', () => {
  const model = modelOf(5, ['tench, Tinca tinca', 'Ankle boot', 't-shirt', 'ca\u00f1on', 'lynx']);

  it('has the folders of its names, however they are spelt', async () => {
    const folder = await open('ankle_boot', 'Tench', 'T Shirt', 'can\u0303on');
    expect(matched(folder, model)).toEqual({
      classes: { ankle_boot: 1, Tench: 0, 'T Shirt': 2, 'can\u0303on': 3 },
      remarks: undefined,
    });
  });

  it('has names without the signs that no file may have, unless two are then the same', async () => {
    const signs = modelOf(4, ['T-shirt/top', "Jack's", 'C++', 'C#']);
    expect(matched(await open('0-t-shirt-top', 'jack_s', 'c#'), signs).classes).toEqual({
      ...{ '0-t-shirt-top': 0, jack_s: 1, 'c#': 3 },
    });
    const folder = await open('c', 'jacks');
    expect(() => matchClasses(folder, signs)).toThrow("'c', 'jacks' are no classes");
  });

  it('has names behind numbers, and numbers alone', async () => {
    expect(matched(await open('001.lynx', '7-ankle-boot'), model).classes).toEqual({
      '001.lynx': 4,
      '7-ankle-boot': 1,
    });
    expect(matched(await open('3', '00', '1'), model).classes).toEqual({ 3: 3, '00': 0, 1: 1 });
  });

  it('has names that are numbers before its indices', async () => {
    expect(matched(await open('1', '2'), modelOf(3, ['2', '1', '0'])).classes).toEqual({ 1: 1, 2: 0 });
  });

  it.each([
    [
      'a folder that is no class',
      ['lynx', 'dog'],
      /class folders 'dog' are no classes of the model, which has 'tench.*--labels FILE.*labels\.csv/,
    ],
    ['numbers beyond its classes', ['4', '5'], /'4', '5' are no classes.*\(0 to 4\)/],
    ['numbers among names', ['lynx', '2'], /'2' are no classes/],
    ['one class twice', ['lynx', 'LYNX'], /two class folders are the same class/],
  ])('refuses %s', async (_, names, message) => {
    const folder = await open(...names);
    expect(() => matchClasses(folder, model)).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(message) as string }),
    );
  });

  it('takes the label where two classes share a name', async () => {
    const both = modelOf(2, ['crane', 'crane']);
    const folder = await open('crane', 'x');
    expect(() => matchClasses(folder, both)).toThrow("'crane', 'x' are no classes");
  });
});

describe('WordNet ids', () => {
  it('are classes of ImageNet, all of them, also with a name behind', async () => {
    const folder = await open('n01440764', 'n02085620-Chihuahua', 'n02012849', 'n03126707');
    const found = { n01440764: 0, 'n02085620-Chihuahua': 151, n02012849: 134, n03126707: 517 }; // two are called crane
    expect(matched(folder, await imagenet()).classes).toEqual(found);
    const classes = await imagenetClasses();
    expect(classes.size).toBe(1000);
    expect(classes.get('n15075141')).toEqual({
      ...{ wnid: 'n15075141', index: 999 },
      label: 'toilet tissue, toilet paper, bathroom tissue',
    });
  });

  it('find a model with some of the classes by name, and one whose names are ids', async () => {
    const folder = await open('n01440764', 'n01443537');
    const found = { n01440764: 1, n01443537: 0 };
    expect(matched(folder, modelOf(3, ['goldfish', 'tench', 'lynx'])).classes).toEqual(found);
    expect(matched(folder, modelOf(3, ['n01443537', 'n01440764', 'x'])).classes).toEqual(found);
  });

  it('are taken in order for 1000 classes without names, with a remark', async () => {
    const { classes, remarks } = matched(await open('n01443537', 'n01440764'), modelOf(1000));
    expect(classes).toEqual({ n01440764: 0, n01443537: 1 });
    expect(remarks).toEqual([expect.stringMatching(/no class names.*ImageNet-1k/)]);
  });
});

describe('a model without class names', () => {
  it('has numbers', async () => {
    const folder = await open('10', '2', '0');
    expect(matched(folder, modelOf(11))).toEqual({ classes: { 10: 10, 2: 2, 0: 0 }, remarks: undefined });
    const numbered = matched(await open('10_deer', '2_cat'), modelOf(11));
    expect(numbered.classes).toEqual({ '10_deer': 10, '2_cat': 2 });
    expect(numbered.remarks).toEqual([expect.stringMatching(/numbers before the names/)]);
  });

  it('has as many folders in their order, with a remark; else none', async () => {
    const folder = await open('b', 'a', 'c');
    expect(matched(folder, modelOf(3))).toEqual({
      classes: { a: 0, b: 1, c: 2 },
      remarks: [expect.stringMatching(/sorted order \(a is class 0, b is class 1 and 1 more\)/)],
    });
    expect(matchClasses(folder, modelOf(3)).classNames).toEqual(['a', 'b', 'c']);
    expect(() => matchClasses(folder, modelOf(5))).toThrow('3 class folders are not the 5 classes');
  });
});

it('one folder alone has the class of its name, or none', async () => {
  const model = modelOf(3, ['cat', 'dog', 'lynx']);
  expect(matched(await open('dog'), model).classes).toEqual({ dog: 1 });
  const folder = matchClasses(await open('images'), model);
  expect(folder.labelled).toBe(false);
  expect(folder.examples[0]).not.toHaveProperty('label');
});

it('changes nothing twice, and nothing without sub-folders', async () => {
  const model = modelOf(3, ['cat', 'dog', 'lynx']);
  const once = matchClasses(await open('lynx', 'dog'), model);
  expect(matchClasses(once, model)).toBe(once);
  const plain = await openImageFolder(await makeFolder({ 'a.jpg': '' }));
  expect(matchClasses(plain, model)).toBe(plain);
});

describe('a model with one logit', () => {
  it('takes the folders 1 and 0 as yes and no', async () => {
    expect(matched(await open('0', '1'), modelOf(1))).toEqual({
      classes: { 0: 0, 1: 1 },
      remarks: undefined,
    });
  });

  it('takes the folder of its class as yes and the other as no, and says so', async () => {
    const { classes, remarks } = matched(await open('background', 'Cat'), modelOf(1, ['cat']));
    expect(classes).toEqual({ background: 0, Cat: 1 });
    expect(remarks).toEqual(["the model has one logit, for 'cat': Cat is yes, background is no"]);
  });

  it('refuses folders that leave open which is which', async () => {
    const folder = await open('cat', 'dog');
    expect(() => matchClasses(folder, modelOf(1))).toThrow(/yes or no: name the folders 1 and 0/);
    expect(() => matchClasses(folder, modelOf(1, ['bird']))).toThrow(
      /'cat', 'dog' are no classes .*yes or no/,
    );
  });
});
