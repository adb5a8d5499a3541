/** Classes of ImageNet by their WordNet ids: what folders and lists of classes are often named by. */

/** A class of ImageNet-1k. */
export interface ImagenetClass {
  /** WordNet id, as `n01440764`. */
  readonly wnid: string;
  /** Index from 0, as pretrained classifiers have it. */
  readonly index: number;
  /** Name of the class, as `tench, Tinca tinca`. */
  readonly label: string;
}

/**
 * The 1000 classes of ImageNet (ILSVRC 2012) by WordNet id.
 *
 * @example
 * const classes = await imagenetClasses();
 * classes.get('n01440764'); // { wnid: 'n01440764', index: 0, label: 'tench, Tinca tinca' }
 */
export async function imagenetClasses(): Promise<ReadonlyMap<string, ImagenetClass>> {
  const [{ imagenetWnids }, { imagenetLabels }] = await Promise.all([
    import('./imagenet-wnids.js'),
    import('./imagenet-1k.js'),
  ]);
  return new Map(
    imagenetWnids.map((wnid, index) => [wnid, { wnid, index, label: imagenetLabels[index]! }] as const),
  );
}
