/** Python wheels for tests of what is refused: zip files with the records of a wheel, and no TensorFlow. */

import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { crc32, deflateRawSync } from 'node:zlib';

export interface FakeWheel {
  readonly name?: string;
  /** Of the one tag. */
  readonly platform?: string;
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** Files whose recorded SHA-256 is of something else. */
  readonly damaged?: readonly string[];
}

/** The tag of this machine's processor, for any glibc in use. */
export const fittingPlatform = `manylinux_2_17_${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`;

/** The files without which a wheel of TensorFlow is refused; they hold nothing. */
export const libraryFiles = {
  'tensorflow/libtensorflow_cc.so.2': 'no library',
  'tensorflow/libtensorflow_framework.so.2': 'no library',
};

/** Writes a wheel of version 2.0.0. */
export async function writeWheel(path: string, options: FakeWheel = {}): Promise<string> {
  const { name = 'tensorflow_cpu', platform = fittingPlatform, files = {}, damaged = [] } = options;
  const info = `${name}-2.0.0.dist-info`;
  const record = Object.entries(files).map(([file, content]) => {
    const hash = createHash('sha256').update(damaged.includes(file) ? 'other' : content);
    return `${file},sha256=${hash.digest('base64url')},${content.length}\n`;
  });
  const all = {
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 2.0.0\n`,
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nTag: cp311-cp311-${platform}\n`,
    [`${info}/RECORD`]: record.join(''),
  };
  await writeFile(path, zip(Object.entries(all).map(([file, content]) => [file, Buffer.from(content)])));
  return path;
}

/** A zip file of deflated entries. */
function zip(entries: readonly (readonly [string, Buffer])[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of entries) {
    const data = deflateRawSync(content);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0); // version 2.0
    fields.writeUInt16LE(8, 4); // deflated
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    parts.push(Buffer.from('PK\x03\x04'), fields, Buffer.from(name), data);
    directory.push(Buffer.from('PK\x01\x02\x14\0'), fields, place, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.reduce((sum, part) => sum + part.length, 0), 8); // prettier-ignore
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, ...directory, Buffer.from('PK\x05\x06'), end]);
}
