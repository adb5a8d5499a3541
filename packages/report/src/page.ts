/** The HTML around the content of a report. */

import { pageStyle } from './page-style.js';
import { element, escape } from './svg.js';

/** @returns an HTML document that is well-formed XML too, and that loads nothing */
export function renderPage(title: string, ...body: readonly string[]): string {
  const head = [
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    // The browser itself then guarantees that the page loads nothing.
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
