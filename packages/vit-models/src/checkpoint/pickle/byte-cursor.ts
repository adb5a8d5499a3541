/** A place in some bytes, which moves on as they are read. */

import { refused } from '../containers/checkpoint-error.js';

/** In bytes, of a line with a name. */
const longestLine = 4096;

export class ByteCursor {
  private readonly view: DataView;
  constructor(
    private readonly bytes: Uint8Array,
    public offset: number,
    private readonly file: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Moves on by `length` bytes, and says where they begin. @throws `CHECKPOINT_INVALID` (`truncated`) */
  private advance(length: number): number {
    const begin = this.offset;
    if (length > this.bytes.length - begin) {
      const problem = `byte ${begin}: expected ${length} more bytes, but the file or pickle ends; is it complete?`;
      throw refused(this.file, problem, { byte: begin, truncated: true });
    }
    this.offset = begin + length;
    return begin;
  }

  byte(): number {
    return this.bytes[this.advance(1)]!;
  }

  /** Little-endian; of 8 bytes only what a number holds exactly. */
  unsigned(length: number): number {
    const begin = this.advance(length);
    if (length === 8) {
      const value = Number(this.view.getBigUint64(begin, true));
      if (Number.isSafeInteger(value)) return value;
      throw refused(this.file, `byte ${begin}: a length of ${value} bytes`, { byte: begin });
    }
    let value = 0;
    for (let i = length - 1; i >= 0; i--) value = value * 256 + this.bytes[begin + i]!;
    return value;
  }

  int32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  /** Big-endian, as pickles have it. */
  float64(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  take(length: number): Uint8Array {
    const begin = this.advance(length);
    return this.bytes.subarray(begin, begin + length);
  }

  /** A little-endian integer in two's complement: a number where it holds it exactly, else its bytes. */
  long(length: number): number | Uint8Array {
    const bytes = this.take(length);
    if (length > 8) return bytes;
    let value = 0n;
    for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
    const number = Number(BigInt.asIntN(Math.max(8 * length, 1), value));
    return Number.isSafeInteger(number) ? number : bytes;
  }

  latin(length: number): string {
    return new TextDecoder('latin1').decode(this.take(length));
  }

  utf8(length: number): string {
    return new TextDecoder().decode(this.take(length));
  }

  /** Text up to the next line feed. */
  line(): string {
    const end = this.bytes.subarray(this.offset, this.offset + longestLine).indexOf(0x0a);
    if (end < 0) {
      const whole = this.bytes.length - this.offset >= longestLine;
      throw refused(this.file, `byte ${this.offset}: expected a line of text`, { truncated: !whole });
    }
    const text = this.utf8(end);
    this.offset++;
    return text;
  }
}
