/** What a file that is no image is, by its first bytes: an error that names it tells what to do. */

const latin = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

/** Brands of ISO media files (`ftyp`). */
const heic = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'];

const beginnings: readonly (readonly [text: string, kind: string])[] = [
  ['\x1f\x8b', 'a gzip file; unpack it'],
  ['PK\x03\x04', 'a zip file; unpack it'],
  ['Rar!', 'a RAR file; unpack it'],
  ['7z\xbc\xaf', 'a 7z file; unpack it'],
  ['%PDF', 'a PDF; convert its pages to PNG'],
  ['8BPS', 'a Photoshop file; convert it to PNG'],
  ['\xff\x0a', 'a JPEG XL image; convert it to PNG'],
  ['\0\0\0\x0cJXL ', 'a JPEG XL image; convert it to PNG'],
  ['\0\0\0\x0cjP  ', 'a JPEG 2000 image; convert it to PNG'],
  ['\xffO\xffQ', 'a JPEG 2000 image; convert it to PNG'],
  ['version https://git-lfs', 'a Git LFS pointer, not the file itself; run git lfs pull'],
  ['\x89HDF', 'an HDF5 file'],
  ['\x93NUMPY', 'a NumPy array'],
];

/** A name for the kind, with what to do; undefined for unknown bytes. */
export function describeFile(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'an empty file';
  const start = latin(bytes, 0, 400);
  if (latin(bytes, 4, 8) === 'ftyp') {
    const brands = latin(bytes, 8, 64);
    if (heic.some((brand) => brands.includes(brand)) && !brands.startsWith('avif')) {
      return 'an HEIC photo (HEVC), which is not read; convert it to JPEG or PNG';
    }
    return brands.startsWith('avif') ? undefined : 'a video, or another ISO media file';
  }
  if (/^\s*(<!doctype html|<html|<head)/i.test(start))
    return 'a web page, not an image; was the download refused?';
  if (/^\s*[{[]/.test(start)) return 'JSON, not an image';
  return beginnings.find(([text]) => start.startsWith(text))?.[1];
}
