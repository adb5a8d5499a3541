/** The HTML document around the content of a page. */

import { pageStyle } from './page-style.js';
import { element, escape } from './svg.js';

/** A page around `body`, which is markup. @returns an HTML document that is well-formed XML too and loads nothing */
export function renderPage(title: string, ...body: readonly string[]): string {
  const head = [
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    // With this policy the browser refuses to load anything.
    element('meta', {
      'http-equiv': 'Content-Security-Policy',
      content: "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    }),
    element('title', {}, escape(title)),
    element('style', {}, pageStyle),
  ];
  const page = element(
    'html',
    { lang: 'en' },
    element('head', {}, ...head),
    element('body', {}, element('main', {}, element('h1', {}, escape(title)), ...body)),
  );
  return `<!DOCTYPE html>\n${page}\n`;
}

/** A paragraph of small print. */
export function note(text: string): string {
  return element('p', { class: 'note' }, escape(text));
}
