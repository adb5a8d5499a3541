/** Tar archives of plain files (ustar). */

const block = 512;

/** @param sizeText the size field of every header, to write a wrong one; else octal digits of the size */
export function makeTar(files: readonly (readonly [string, Uint8Array])[], sizeText?: string): Uint8Array {
  const blocks = files.flatMap(([path, bytes]) => {
    const padded = new Uint8Array(Math.ceil(bytes.length / block) * block);
    padded.set(bytes);
    return [headerOf(path, sizeText ?? bytes.length.toString(8).padStart(11, '0')), padded];
  });
  return new Uint8Array(Buffer.concat([...blocks, new Uint8Array(2 * block)]));
}

function headerOf(path: string, size: string): Uint8Array {
  const header = Buffer.alloc(block);
  header.write(path, 0);
  header.write('0000644', 100);
  header.write(size, 124);
  header.write('0', 156);
  header.write('ustar\x0000', 257, 'latin1');
  return withChecksum(header);
}

/** A header with the checksum that it should have. */
export function withChecksum(header: Uint8Array): Uint8Array {
  const fixed = Buffer.from(header);
  fixed.fill(' ', 148, 156);
  const sum = fixed.reduce((total, byte) => total + byte, 0);
  fixed.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return fixed;
}
