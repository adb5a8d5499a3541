/** A sub-folder that stands for a class. */

import { imagenetClasses, type ImagenetClass } from '@patchslim/vit-models';

/** A sub-folder whose images are of one class. */
export interface ClassFolder {
  readonly name: string;
  /** The class of ImageNet whose WordNet id the name is, or begins with: `n01440764`, `n02085620-Chihuahua`. */
  readonly imagenet?: ImagenetClass;
}

const wnidOf = (name: string): string | undefined => /^n\d{8}(?![0-9a-z])/i.exec(name)?.[0].toLowerCase();

/** Looks up ImageNet's classes where a name begins with a WordNet id. */
export async function describeFolders(names: readonly string[]): Promise<ClassFolder[]> {
  if (!names.some(wnidOf)) return names.map((name) => ({ name }));
  const classes = await imagenetClasses();
  return names.map((name) => {
    const imagenet = classes.get(wnidOf(name) ?? '');
    return { name, ...(imagenet && { imagenet }) };
  });
}
