/** Which files of a folder are images, which are litter, and what is said about the others. */

/** By the end of the name: what sharp decodes, and BMP. */
const onDisk = [
  'jpg',
  'jpeg',
  'jpe',
  'jfif',
  'png',
  'apng',
  'webp',
  'gif',
  'bmp',
  'dib',
  'avif',
  'tif',
  'tiff',
];

/** What browsers decode. */
const inBrowsers = onDisk.filter((kind) => !kind.startsWith('tif'));

/** Tells images by their names. */
export interface ImageKinds {
  /** With a dot, for messages. */
  readonly names: readonly string[];
  has(name: string): boolean;
}

const kindsOf = (extensions: readonly string[]): ImageKinds => ({
  names: extensions.map((extension) => `.${extension}`),
  has: (name) => extensions.includes(extensionOf(name).slice(1)),
});

/** What Node decodes. */
export const diskKinds = kindsOf(onDisk);
/** What a browser decodes. */
export const browserKinds = kindsOf(inBrowsers);

const litter =
  /^(thumbs\.db|ehthumbs(_vista)?\.db|desktop\.ini|icon\r?|__macosx|@eadir|#recycle|\$recycle\.bin|system volume information|lost\+found)$/i;

/** Whether a file or folder was left by macOS, Windows or a file server, or is hidden: nobody misses it. */
export const isLitter = (name: string): boolean =>
  name.startsWith('.') || name.startsWith('~$') || litter.test(name);

/**
 * One sentence about the files that are not read: `12 files skipped: 9 .heic, 3 .svg; …`. Links that lead nowhere are named.
 *
 * @param files that are no images, by name
 * @param broken links, by path
 */
export function skippedRemark(
  files: readonly string[],
  broken: readonly string[],
  { names }: ImageKinds,
): string | undefined {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(extensionOf(file), (counts.get(extensionOf(file)) ?? 0) + 1);
  const kinds = [...counts]
    .sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1))
    .map(([extension, count]) => `${count} ${extension || 'without extension'}`);
  const total = files.length + broken.length;
  if (total === 0) return undefined;
  const links =
    broken.length === 0
      ? []
      : [`${broken.length} broken ${broken.length === 1 ? 'link' : 'links'} (${someOf(broken)})`];
  const ignored = files.length === 0 ? '' : `; ignored, since images are ${names.join(', ')}`;
  return `${total} ${total === 1 ? 'file' : 'files'} skipped: ${[...kinds, ...links].join(', ')}${ignored}`;
}

/** The first few of a list, and how many more there are. */
export function someOf(names: readonly string[], most = 3): string {
  const more = names.length - most;
  return `${names.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const extensionOf = (name: string): string => /\.[^./\\\s]{1,12}$/.exec(name)?.[0].toLowerCase() ?? '';
