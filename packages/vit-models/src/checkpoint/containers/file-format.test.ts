import { describe, expect, it } from 'vitest';
import { encodeWeights, smallWeights } from '../../../test/checkpoint-fixtures.js';
import { zipOf } from '../../../test/zip.js';
import { fromPretrained } from '../from-pretrained.js';
import { fileFormat } from './file-format.js';

const bytes = (latin: string) => new Uint8Array(Buffer.from(latin, 'latin1'));
const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:5e5e\nsize 22883624\n';

describe('files that are no weights are named, with what to do', () => {
  it.each([
    ['a pointer of Git LFS', pointer, /Git LFS.*git lfs pull/],
    ['a pointer with a byte order mark', `\xef\xbb\xbf${pointer}`, /Git LFS/],
    ['a web page', '<!DOCTYPE html><html><head><title>Sign in</title>', /web page.*login/],
    ['a web page behind blank lines', '\n\n  <html lang="en">', /web page/],
    ['XML of a storage', '<?xml version="1.0"?><Error><Code>AccessDenied</Code>', /web page/],
    ['JSON', '{"weight_map": {}}', /JSON.*\.index\.json/],
    ["a server's answer", 'Entry not found', /answer of a server, "Entry not found"/],
    ['GGUF', 'GGUF\x03\0\0\0', /GGUF.*convert it to safetensors/],
    ['HDF5', '\x89HDF\r\n\x1a\n\0\0\0\0', /HDF5.*Keras/],
    ['one array', '\x93NUMPY\x01\0v\0{', /one array of NumPy/],
    ['gzip', '\x1f\x8b\x08\0\0\0\0\0', /gzip archive; unpack it/],
    ['tar', `model.pth${'\0'.repeat(248)}ustar\x0000`, /tar archive/],
    ['ONNX', '\x08\x08\x12\x07pytorch\x1a\x05', /ONNX model/],
    ['TensorFlow Lite', '\x1c\0\0\0TFL3\x14\0', /TensorFlow Lite/],
    ['Flax', '\x81\xa6params\x83', /MessagePack/],
    ['an image', '\x89PNG\r\n\x1a\n', /image; give the file of the weights/],
    ['nothing', '', /empty/],
    ['zeros', '\0'.repeat(64), /zeros only.*cut off/],
    ['a pickle of Python', '\x80\x02]q\0K\x01a.', /pickle of Python, not of torch.save/],
    ['noise', 'abcdefghijklmnop', /is the file complete, and safetensors/],
  ])('%s', async (_, content, message) => {
    const error: unknown = await fromPretrained(bytes(content)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CHECKPOINT_INVALID' });
    expect(String(error)).toMatch(message);
  });

  it.each([
    ['another zip', { 'a/b.txt': bytes('x') }, /neither PyTorch nor NumPy/],
    ['Keras', { 'config.json': bytes('{}'), 'model.weights.h5': bytes('x') }, /Keras/],
    [
      'TorchScript',
      { 'm/data.pkl': bytes('x'), 'm/code/__torch__.py': bytes('x') },
      /TorchScript.*state_dict/,
    ],
  ])('%s', async (_, entries, message) => {
    await expect(fromPretrained(zipOf(entries))).rejects.toThrow(message);
  });

  it('a zip whose directory claims more than it holds takes no memory', async () => {
    const zip = zipOf({ 'a/data.pkl': bytes('x') }, () => 0xfffffff0);
    await expect(fromPretrained(zip)).rejects.toThrow(/zip file is broken/);
  });

  it('a safetensors header of any length is one, whatever its length looks like', () => {
    for (let length = 2; length < 2 ** 17; length += 1) {
      const start = new Uint8Array(16).fill(0x20);
      new DataView(start.buffer).setBigUint64(0, BigInt(length), true);
      start[8] = 0x7b;
      if (!('read' in fileFormat(start, 1e6))) expect.fail(`length ${length}`);
    }
    expect(fileFormat(encodeWeights(smallWeights()), 1e6)).toEqual({ read: 'safetensors' });
  });
});
