/** Zip files for tests: stored entries, in the order given. */

/** @param claim changes the size that the directory claims of each entry */
export function zipOf(
  entries: Readonly<Record<string, Uint8Array>>,
  claim = (size: number) => size,
): Uint8Array<ArrayBuffer> {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, data] of Object.entries(entries)) {
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt32LE(claim(data.length), 14);
    fields.writeUInt32LE(claim(data.length), 18);
    fields.writeUInt16LE(name.length, 22);
    files.push(Buffer.from('PK\x03\x04'), fields, Buffer.from(name), Buffer.from(data));
    const place = Buffer.alloc(4);
    place.writeUInt32LE(offset);
    directory.push(Buffer.from('PK\x01\x02\x14\0'), fields, Buffer.alloc(10), place, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(Object.keys(entries).length, 4);
  end.writeUInt16LE(Object.keys(entries).length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(offset, 12);
  return new Uint8Array(Buffer.concat([...files, ...directory, Buffer.from('PK\x05\x06'), end]));
}
