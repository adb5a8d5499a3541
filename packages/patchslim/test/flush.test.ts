/** Waiting for output, on streams as slow as pipes are on Windows. */

import { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { flushed } from '../src/flush.js';

it('waits until a slow reader has everything', async () => {
  const taken: string[] = [];
  const slow = new Writable({
    decodeStrings: false,
    write: (text: string, _, done) =>
      void setTimeout(30).then(() => {
        taken.push(text);
        done();
      }),
  });
  for (const text of ['one', 'two', 'three']) slow.write(text);
  expect(taken).toEqual([]);
  await flushed(slow);
  expect(taken.join('')).toBe('onetwothree');
});

it('waits for no reader that is gone, and for no stream that has ended', async () => {
  const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
  broken.on('error', () => undefined);
  broken.write('one');
  await flushed(broken);
  await flushed(broken);
  const ended = new Writable({ write: (_chunk, _encoding, done) => done() });
  ended.end('one');
  await flushed(ended);
  expect([broken.destroyed, ended.writableEnded]).toEqual([true, true]);
});
