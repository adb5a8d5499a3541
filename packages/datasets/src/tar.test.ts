import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makeTar } from '../test/tar.js';
import { readTar } from './tar.js';

/**
 * Of GNU tar 1.34, by format: `tar --format=FORMAT --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf - batches |
 * gzip -9n | base64`, over the files of `expected`, folders and a symbolic link; v7 without the path that is too long for it.
 */
const archives = {
  v7: [
    'H4sIAAAAAAACA+3XQQ6CMBCF4TkKJxDaUnoeqk0kKpLIQm9vQ3QhMSYsCkH+LyTtFl5mmPF1vz+GWy4JFZGzdjij',
    '8fnl7oxzkllZkfHLrYR/5V/vfNMm/DRVWf7I33zmrwqttWRC/sld2yDYrnf9++XqX8WH+l/IHdtGC6T/x/5/CKHL',
    'E7bGSfO/Kowqmf9nzz9cuv6xxPw/zl+ZuBLw/58x/3PTnpLu/3Ghn5C/qirJdMqllPwBAAAAAAAAAH/sCdoza+QA',
    'KAAA',
  ].join(''),
  ustar: [
    'H4sIAAAAAAACA+3Y7QqCMBQG4F1KV9B25j6uR21WVBZpUHffkIIwiEw3ib0Pgv7T+XLOjhZ5W25cw1lAwrNad2ev',
    'f36/JmHIsIVmEVyaNj/720+xyNfF/YnikX++LLZ1wPyNUh/yz3r5k5bEFgL5B3esHYN0Peu/mK/+yR+o/5lcIW1o',
    'gej/vv+vnDvxgP1/2PxPOssw/0fP3x1O7W2O+b+fvzRCYv+PmX81Ap+6/qUySqP+Y1iPwAe8mkH5K2GJ/jz/KQor',
    'wvLLgN99P///UdT9/xOp58/HVOd3j135xQPm//223oWsf2vtkPlPCb//yzxCc0p8/wcAAAAAAIA03AEWwDLeACgA',
    'AA==',
  ].join(''),
  gnu: [
    'H4sIAAAAAAACA+2ZWQ6CMBRFu5SugE6U/roANlG0DlHRKCa6e+v0IRoToi1q7wkJ/N/c075HZZvh1G0ZCQj3GK3P',
    'b0/7/eTbKFEQqkkEdtvGbigliVJd87dZNasD5l/k+Yv81X3+gkspCOXIPzir2hGQLrf+V/31X/gH/e+JPUgbKBD+',
    '9/4fObdmAf3f6f7v/a8U7v/R83fLdXPo4/7fzl8oLnH+x8x//Abs0/337c81+h+DjGVsUK7qSTmr5z3N/7I9/3Nj',
    'ioLQEvn/Rv8nb8AI+PP8O/tfCa2w/03H/4I/+j+H/9Pw/zDg5hF8i/87/f85+R/73yiM7QYlQP/ZItzxf5n/jemy',
    '/xHcz//SRjgaEu8/AACANDkCMkngEwAoAAA=',
  ].join(''),
  pax: [
    'H4sIAAAAAAACA+2by26CQBSGWfsUPAHMzJkzUxfuu+wroOIlba1Rmti3L9jaIlgtERmB/4uJxFkQMv7fmRtB+BTt',
    'HuNoGm+24ThKJot469WMSDFa779Tit9CWPV7nf0uJVvp+TuvAd63SbRJb+/1EzX0o2T5Go+kHTILS1oFZIVRmtUg',
    'bZyUGkl/NXqgA3xHPrzlPfYRZ/47/8VrKYw0ns9tyn/x4VrW/7kqEAXj5cqt/5VWBP+78L/iYWAPii/6P2tkeoD/',
    'u+f/2kNfJf+CSuM/lY7/RJvy31L/v61ihAD5P5oF3kX916j/d1n/jTKo/93L/9hd/ZfpB/XfETvQb6BA+P94/DeN',
    '43Wz87/y+I8Y6/9Y/wGN5T8L/a02Aaqv/0smwvp/4/2fKwLx6zr5cOZ/SmUD/7vy/4/i4f9++b/O0FfJf8n/ygiF',
    '+b+j8f/sCurxv2JtsP/rxP/ZER99WOLF+Z/e+P+a0If/UGOl8b/SRjPG/63p/1zxmJ/gkv9JmOP+J8ls4P8mkFr4',
    '6yhZjGr5I8yvIBygFrU0/xd6trL/iQTh/Gen+v+s/yUV/W8Fw//N+J/vxf+T7AgCikD/8l86/5n5H+c/GmGWPjxA',
    '/nNTuJfl6rnZ9d8T+/94/8/d+t/Z9/8UCZTb7uW/9tAX1/+srbL/o7Pxv7rlSymo/wAAAAAAAAAAAACgB3wCiD9/',
    'ZwBQAAA=',
  ].join(''),
};
const longPath = `batches/${'f'.repeat(60)}/${'g'.repeat(60)}/c.bin`;
const expected = { 'batches/a.bin': 'one', 'batches/b.bin': 'x'.repeat(513), 'batches/deep/empty': '' };

const unpacked = (format: keyof typeof archives): Uint8Array =>
  new Uint8Array(gunzipSync(Buffer.from(archives[format], 'base64')));
const texts = (files: ReadonlyMap<string, Uint8Array>) =>
  Object.fromEntries([...files].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]));

describe('readTar', () => {
  it.each(['v7', 'ustar', 'gnu', 'pax'] as const)('reads the files of an archive of format %s', (format) => {
    const { [longPath]: far, ...files } = texts(readTar(unpacked(format), 'test'));
    // The extensions of GNU and pax for long paths are passed over.
    const { [`${longPath.slice(0, 100)}`]: cut, ...others } = files;
    expect(others).toEqual(expected);
    if (format === 'ustar') expect(far).toBe('far');
    if (format === 'gnu') expect(cut).toBe('far');
  });

  it('reads what the tests below write, and of two files with one path the later', () => {
    const archive = makeTar([
      ['a', Uint8Array.of(1)],
      ['b', new Uint8Array(512)],
      ['a', Uint8Array.of(2, 3)],
    ]);
    expect([...readTar(archive, 'test')]).toEqual([
      ['a', Uint8Array.of(2, 3)],
      ['b', new Uint8Array(512)],
    ]);
  });

  const archive = makeTar([['a.bin', new Uint8Array(600)]]);
  const changed = (at: number, byte: number) => archive.map((old, i) => (i === at ? byte : old));
  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(), /byte 0: expected a tar header or the end mark/],
    [
      'an archive without its end',
      archive.subarray(0, 3 * 512),
      /byte 1536: expected a tar header or the end/,
    ],
    [
      'a file that is cut off',
      archive.subarray(0, 700),
      /byte 0: expected a file of 600 bytes, got the 188 to the end/,
    ],
    ['another format', new Uint8Array(1024).fill(7), /byte 0: this is no tar header/],
    ['a changed header', changed(0, 0x62), /byte 0: this is no tar header: its checksum is wrong/],
    [
      'a size that is none',
      makeTar([['a', new Uint8Array(1)]], 'x'),
      /byte 0: expected the size .* in octal/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readTar(bytes, 'read a.tar')).toThrow(
      expect.objectContaining({
        code: 'DATA_INVALID',
        message: expect.stringMatching(message) as string,
      }),
    );
  });
});
