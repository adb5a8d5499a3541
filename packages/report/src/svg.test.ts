import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawing, element, escape } from './svg.js';

describe('markup', () => {
  test('escape() removes every special character, and loses no text', () => {
    const meaning = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const escaped = escape(text);
        expect(escaped).not.toMatch(/[<>"']/);
        const back = escaped.replace(/&[^;]+;/g, (entity) => meaning[entity as keyof typeof meaning]);
        expect(back).toBe(text);
      }),
    );
  });

  test('escape() replaces characters that XML forbids', () => {
    expect(escape('a\u0000b\u001bc\ud800d\uffffe\t\n😀')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde\t\n😀');
  });

  test('element() writes attributes, leaves out undefined ones, and closes', () => {
    expect(element('rect', { x: 1 / 3, class: 'a"b', y: undefined })).toBe(
      '<rect x="0.33" class="a&quot;b"/>',
    );
    expect(element('td', {}, '')).toBe('<td></td>');
    expect(element('g', { id: 'a' }, element('b', {}), 'c')).toBe('<g id="a"><b/>c</g>');
  });

  test('drawing() is one picture with a name', () => {
    const svg = drawing({ width: 10, height: 5.125, title: 'a < b', label: 'long' });
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="10" height="5.13" viewBox="0 0 10 5.13"/,
    );
    expect(svg).toContain(' role="img" aria-label="long"');
    expect(svg).toContain('<title>a &lt; b</title>');
  });
});
