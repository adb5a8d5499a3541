/** Tables in HTML. */

import { element, escape } from './svg.js';

/** A table of plain text. Cells of the column `of dense` are percentages and get a bar. */
export function table(
  head: readonly string[],
  body: readonly (readonly string[])[],
  foot?: readonly string[],
): string {
  const bars = head.indexOf('of dense');
  const row = (cells: readonly string[]) => {
    const written = cells.map((cell, column) => {
      if (column === 0) return element('th', { scope: 'row' }, escape(cell));
      const bar = column === bars ? { class: 'share', style: `--share:${cell.replace(' ', '')}` } : {};
      return element('td', bar, escape(cell));
    });
    return element('tr', {}, ...written);
  };
  const columns = head.map((cell) => element('th', { scope: 'col' }, escape(cell)));
  const markup = element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...columns)),
    element('tbody', {}, ...body.map(row)),
    ...(foot ? [element('tfoot', {}, row(foot))] : []),
  );
  return element('div', { class: 'wide' }, markup);
}
