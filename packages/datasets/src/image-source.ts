/** What an image is decoded from. In a file of its own, so that public declarations need no types of sharp. */

/** 8-bit RGB, row-major, `data[(y * width + x) * 3 + channel]`. */
export interface RgbImage {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/**
 * A path (Node only); the bytes of an encoded image, or a `Blob` or `File` of them; or pixels that are decoded already.
 */
export type ImageSource = string | Uint8Array | Blob | RgbImage;

/** An encoded image to pixels; refuses more than `maxPixels` of them. */
export type Decoder = (bytes: Uint8Array, maxPixels: number) => Promise<RgbImage>;

export const isRgbImage = (source: ImageSource): source is RgbImage =>
  typeof source === 'object' && 'width' in source;

/** What errors call a source, and what they carry of it. */
export function describeSource(source: ImageSource): { name: string; details: Record<string, unknown> } {
  if (typeof source === 'string') return { name: `'${source}'`, details: { path: source } };
  if (isRgbImage(source)) {
    const { width, height } = source;
    return { name: `${width} × ${height} pixels`, details: { width, height } };
  }
  if (!(source instanceof Blob)) return { name: `${source.length} bytes`, details: { bytes: source.length } };
  const file = fileName(source);
  return file === undefined
    ? { name: `${source.size} bytes`, details: { bytes: source.size } }
    : { name: `'${file}'`, details: { file } };
}

/** A file of a chosen folder knows where it lies in it. */
function fileName(blob: Blob): string | undefined {
  const { webkitRelativePath, name } = blob as Blob & { webkitRelativePath?: string; name?: string };
  return webkitRelativePath || name;
}
