/** Which classes of a model the sub-folders of a folder are: by name, by WordNet id, by number; or a refusal. */

import { PatchslimError } from '@patchslim/tensor';
import { givesEmbedding, type HeadConfig } from '@patchslim/vit-models';
import type { ClassFolder } from './class-folder.js';
import { someOf } from './image-kinds.js';
import type { ImageFolder } from './image-layout.js';

/** What is told of a model. */
export interface ClassesOfModel {
  readonly config: HeadConfig;
  readonly labels?: readonly string[];
}

/**
 * The same images with the classes of a model as labels. A sub-folder is the class
 *
 * 1. of its name (letters of any case, `_` and `-` as spaces, other signs too where that leaves no doubt, any
 *    Unicode form, also behind a number as in `3-dress`; the whole label
 *    or one of its names between commas), or of the ImageNet class whose WordNet id it bears;
 * 2. of its number, where all sub-folders are numbers; where the model has no class names also of the number before a name;
 * 3. of its place in the sorted order, where the model has no class names and as many classes as there are folders: a remark says so.
 *
 * A single sub-folder that is no class gives images without labels, and so do all sub-folders for an encoder, which has no classes. Folders without sub-folders, and folders that are matched
 * already, come back as they are.
 *
 * @throws `DATA_INVALID` for sub-folders of which some are no class of the model, or two the same
 * @example
 * const { examples } = matchClasses(await openImageFolder('imagenet/val'), model);
 */
export function matchClasses(folder: ImageFolder, model: ClassesOfModel): ImageFolder {
  const { classFolders, dir, name, examples, remarks } = folder;
  if (!classFolders) return folder;
  const isEncoder = givesEmbedding(model.config);
  const match = isEncoder ? undefined : matchFolders(classFolders, model);
  if (!match) {
    if (isEncoder || classFolders.length === 1)
      return { dir, name, examples, labelled: false, ...(remarks && { remarks }) };
    throw refusal(folder, classFolders, model);
  }
  const { classes, remark } = match;
  const names = model.labels ?? (remark?.ordered ? classFolders.map(({ name }) => name) : undefined);
  return {
    ...{ dir, name, labelled: true },
    examples: examples.map((example) => ({ ...example, label: classes[example.label ?? 0]! })),
    ...(names && { classNames: names }),
    ...((remarks ?? remark) && { remarks: [...(remarks ?? []), ...(remark ? [remark.text] : [])] }),
  };
}

interface Match {
  /** By folder. */
  readonly classes: readonly number[];
  readonly remark?: { readonly text: string; readonly ordered: boolean };
}

function matchFolders(folders: readonly ClassFolder[], model: ClassesOfModel): Match | undefined {
  const { classes } = model.config;
  const { labels } = model;
  if (classes === 1) return matchYesAndNo(folders, labels);
  const named = labels && all(folders, createNameFinder(labels));
  if (named) return { classes: named };
  const numbers = all(folders, ({ name }) => (/^\d{1,9}$/.test(name) ? Number(name) : undefined));
  if (numbers) return numbers.every((number) => number < classes) ? { classes: numbers } : undefined;
  if (labels) return undefined;
  const indices = classes === imagenetSize ? all(folders, ({ imagenet }) => imagenet?.index) : undefined;
  if (indices) {
    const text =
      "the model has no class names; the folders' WordNet ids are taken in the order of ImageNet-1k";
    return { classes: indices, remark: { text, ordered: false } };
  }
  const leading = all(folders, ({ name }) => Number(numbered.exec(name)?.[1] ?? classes));
  if (leading?.every((number) => number < classes)) {
    const text =
      'the model has no class names; the numbers before the names of the folders are taken as its classes';
    return { classes: leading, remark: { text, ordered: false } };
  }
  if (folders.length !== classes) return undefined;
  const order = folders.map(({ name }, i) => `${name} is class ${i}`);
  const text = `the model has no class names; the folders are its classes in sorted order (${someOf(order, 2)}); to be sure, give --labels FILE`;
  return { classes: folders.map((_, i) => i), remark: { text, ordered: true } };
}

/** One logit answers yes (1) or no (0). */
function matchYesAndNo(
  folders: readonly ClassFolder[],
  labels: readonly string[] | undefined,
): Match | undefined {
  const numbers = all(folders, ({ name }) => (name === '0' || name === '1' ? Number(name) : undefined));
  if (numbers || !labels) return numbers && { classes: numbers };
  const find = createNameFinder(labels);
  const answers = all(folders, (folder) => (find(folder) === undefined ? 0 : 1));
  if (!answers?.includes(1)) return undefined;
  const shown = folders.map(({ name }, i) => `${name} is ${answers[i] === 1 ? 'yes' : 'no'}`);
  const text = `the model has one logit, for '${labels[0]!}': ${shown.join(', ')}`;
  return { classes: answers, remark: { text, ordered: false } };
}

const imagenetSize = 1000;

/** A class for each folder, or undefined where one has none or two have the same. */
function all(
  folders: readonly ClassFolder[],
  classOf: (folder: ClassFolder) => number | undefined,
): number[] | undefined {
  const found = folders.map(classOf);
  const classes = found.filter((each) => each !== undefined);
  return classes.length === folders.length && new Set(classes).size === classes.length ? classes : undefined;
}

/** Finds the one class of a name. What two classes are called is the name of none. */
function createNameFinder(labels: readonly string[]): (folder: ClassFolder) => number | undefined {
  const lists = [
    labels.map((label) => [label]),
    labels.map((label) => label.split(',').slice(0, 1)),
    labels.map((label) => label.split(',')),
  ];
  const tables = [normalized, lettersOf].flatMap((spelling) =>
    lists.map((names) => ({ spelling, found: namesOf(names, spelling) })),
  );
  const find = (name: string): number | undefined => {
    for (const { spelling, found } of tables) {
      const index = found.get(spelling(name));
      if (index !== undefined) return index < 0 ? undefined : index;
    }
    return undefined;
  };
  const ids = new Map(
    labels.flatMap((label, i) => (/^n\d{8}(?!\d)/.test(label) ? [[label.slice(0, 9), i]] : [])),
  );
  const findImagenet = ({ wnid, index, label }: NonNullable<ClassFolder['imagenet']>): number | undefined => {
    const ofId = ids.get(wnid);
    if (ofId !== undefined) return ofId;
    const own = labels.length === imagenetSize ? labels[index]! : '';
    if (sharesName(own, label)) return index; // 'crane' is two classes; their order tells them apart
    return find(label) ?? find(label.split(',')[0]!);
  };
  return (folder) =>
    find(folder.name) ??
    (folder.imagenet && findImagenet(folder.imagenet)) ??
    find(withoutNumber(folder.name));
}

const sharesName = (a: string, b: string): boolean => {
  const names = b.split(',').map(normalized);
  return a.split(',').some((name) => names.includes(normalized(name)));
};

/** Classes by name; -1 for a name of several. */
function namesOf(
  names: readonly (readonly string[])[],
  spelling: (name: string) => string,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [index, list] of names.entries()) {
    for (const name of new Set(list.map(spelling))) found.set(name, found.has(name) ? -1 : index);
  }
  found.delete('');
  return found;
}

/** `001.albatross`, `3-dress` and `10_deer`: the number puts folders into order. */
const numbered = /^(\d{1,9})[\s._-]+(?=\D)/;

const withoutNumber = (name: string): string => name.replace(numbered, '');

/** One spelling for names that people take as the same. */
const normalized = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();

/** The same without signs, which file systems refuse in part: `T-shirt/top` is the folder `t-shirt-top`. */
const lettersOf = (name: string): string =>
  normalized(name)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

function refusal(
  folder: ImageFolder,
  folders: readonly ClassFolder[],
  model: ClassesOfModel,
): PatchslimError {
  const { classes } = model.config;
  const { labels } = model;
  const find = labels && createNameFinder(labels);
  const unknown = folders.filter((each) => find?.(each) === undefined).map(({ name }) => `'${name}'`);
  const problem =
    labels && unknown.length > 0
      ? `the class folders ${someOf(unknown)} are no classes of the model, which has ${someOf(labels.map((label) => `'${label}'`))}`
      : labels
        ? 'two class folders are the same class of the model'
        : `${folders.length} class folders are not the ${classes} classes of the model, which has no names for them`;
  const advice =
    classes === 1
      ? 'its one logit answers yes or no: name the folders 1 and 0, name one of two after the class, or write a labels.csv with 1 and 0'
      : `name the folders after its classes or by class number (0 to ${classes - 1}), give its class names with --labels FILE, or write a labels.csv`;
  return new PatchslimError('DATA_INVALID', `'${folder.dir}': ${problem}: ${advice}`, {
    ...{ dir: folder.dir, folders: folders.map(({ name }) => name), classes },
  });
}
