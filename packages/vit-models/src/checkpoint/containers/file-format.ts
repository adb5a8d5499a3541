/** The format of a file, told by its first bytes. Names of files tell nothing: people rename them. */

/** Formats that are read. */
export type ReadFormat = 'safetensors' | 'zip' | 'pickle';

/** A format that is read, or a sentence about one that is not: what it is, and what to do. */
export type FileFormat = { readonly read: ReadFormat } | { readonly refused: string };

/** Bytes that `fileFormat` wants, where the file has as many. */
export const tellingBytes = 512;

const convert = 'convert it to safetensors first';
const unpack = 'unpack it, and give the file or folder inside';
const notWeights = 'give the file of the weights';

/** By their first bytes, as Latin-1 text. */
const signatures: readonly (readonly [bytes: string, problem: string])[] = [
  ['GGUF', `this is a GGUF file of llama.cpp; ${convert}`],
  ['\x89HDF\r\n\x1a\n', `this is an HDF5 file (Keras .h5); ${convert}`],
  [
    '\x93NUMPY',
    'this is one array of NumPy (.npy); give the .npz with all weights, or convert them to safetensors first',
  ],
  ['\x1f\x8b', `this is a gzip archive; ${unpack}`],
  ['BZh', `this is a bzip2 archive; ${unpack}`],
  ['\xfd7zXZ\0', `this is an xz archive; ${unpack}`],
  ['\x28\xb5\x2f\xfd', `this is a Zstandard archive; ${unpack}`],
  ['7z\xbc\xaf\x27\x1c', `this is a 7-Zip archive; ${unpack}`],
  ['Rar!', `this is a RAR archive; ${unpack}`],
  ['\x89PNG', `this is an image; ${notWeights}`],
  ['\xff\xd8\xff', `this is an image; ${notWeights}`],
  ['%PDF', `this is a PDF document; ${notWeights}`],
  ['\x7fELF', `this is a program; ${notWeights}`],
];

/** Looks at the first `tellingBytes` of a file of `size` bytes. */
export function fileFormat(start: Uint8Array, size: number): FileFormat {
  if (size === 0) return { refused: 'the file is empty; download or copy it again' };
  if (isSafetensors(start)) return { read: 'safetensors' };
  const latin = String.fromCharCode(...start.subarray(0, tellingBytes));
  const told = textFormat(latin) ?? signatures.find(([bytes]) => latin.startsWith(bytes))?.[1];
  if (told !== undefined) return { refused: told };
  if (/^PK(\x03\x04|\x05\x06)/.test(latin)) return { read: 'zip' }; // eslint-disable-line no-control-regex
  if (start[0] === 0x80 && start[1]! >= 1 && start[1]! <= 5) return { read: 'pickle' };
  if (latin.slice(4, 8) === 'TFL3') return { refused: `this is a TensorFlow Lite model; ${convert}` };
  if (latin.slice(257, 262) === 'ustar') return { refused: `this is a tar archive; ${unpack}` };
  if (/^[\x81-\x8f\xde][\xa0-\xbf\xd9]/.test(latin) || /^\xde..[\xa0-\xbf\xd9]/s.test(latin)) {
    return { refused: `this is a MessagePack file, perhaps of Flax; ${convert}` };
  }
  // An ONNX model begins with its version (field 1), then names its producer (field 2) or holds its graph (field 7).
  if (start[0] === 0x08 && start[1]! <= 0x14 && (start[2] === 0x12 || start[2] === 0x3a)) {
    return { refused: 'this is an ONNX model; give the weights it was made of' };
  }
  if (size >= 16 && start.length >= 16 && start.every((byte) => byte === 0)) {
    return {
      refused: 'the file begins with zeros only, as a download that was cut off does; download it again',
    };
  }
  return { read: 'safetensors' };
}

/** A length below 2³² and then an object in JSON. It goes first: the length may look like the beginning of anything. */
function isSafetensors(start: Uint8Array): boolean {
  return start.length > 8 && start[8] === 0x7b && start.subarray(4, 8).every((byte) => byte === 0);
}

/** Files of text that stand where weights should be. */
function textFormat(latin: string): string | undefined {
  const text = latin.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (/^version https:\/\/(git-lfs|hawser)/.test(text)) {
    return 'this is a pointer of Git LFS, not the weights; run `git lfs pull` in the repository, or download the file itself';
  }
  if (/^(<!doctype html|<html|<head|<\?xml|<!--)/i.test(text)) {
    return 'this is a web page, not the weights; the address may need a login, or be that of a page about the file';
  }
  if (/^[{[]/.test(text)) {
    return 'this is JSON, not weights; where the weights are split, give the folder, or the file that ends with .index.json';
  }
  if (/^(Entry not found|Access to model|Invalid (username|credentials)|Not Found)/i.test(text)) {
    return `this is the answer of a server, ${JSON.stringify(text.slice(0, 40))}, not the weights`;
  }
  return undefined;
}
