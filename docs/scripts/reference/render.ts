/** The reference as Markdown: for each package an overview of names, then each name with its docstring. */

import { createSlugger } from '../markdown/slug.js';
import type { EntryExports, Exported, PackageExports, Place } from './read-exports.js';

/** Where an exported name is explained: page and anchor. */
export type Links = (place: Place) => string;

/** Finds the anchor of every name, as the pages below have them. */
export function linksTo(packages: readonly PackageExports[]): Links {
  const anchors = new Map<string, string>();
  for (const each of packages) {
    const slug = createSlugger();
    for (const heading of headings(each)) {
      const anchor = slug(heading.text);
      if (heading.place) anchors.set(keyOf(heading.place), `./${each.folder}.md#${anchor}`);
    }
  }
  return (place) => {
    const link = anchors.get(keyOf(place));
    if (link === undefined) throw new Error(`${keyOf(place)} is on no page`);
    return link;
  };
}

/** What stands behind the written part of a page. */
export function renderPackage(each: PackageExports, links: Links): string {
  const local = `./${each.folder}.md`;
  const link: Links = (place) => {
    const target = links(place);
    return target.startsWith(`${local}#`) ? target.slice(local.length) : target;
  };
  return each.entries.map((entry, index) => renderEntry(each, entry, index, link)).join('\n');
}

const keyOf = ({ specifier, name }: Place): string => `${specifier} ${name}`;

interface Heading {
  readonly text: string;
  readonly place?: Place;
}

/** All headings of a page, in order, the title first. */
function headings({ folder, entries }: PackageExports): Heading[] {
  return entries.flatMap(({ specifier, exports }, index) => [
    { text: specifier },
    ...sections(exports).flatMap(([title, names]) => [
      ...(index === 0 ? [{ text: title }] : []),
      ...names.map(({ name }) => ({ text: name, place: { folder, specifier, name } })),
    ]),
  ]);
}

function renderEntry(
  { folder }: PackageExports,
  { specifier, exports }: EntryExports,
  index: number,
  link: Links,
): string {
  const placeOf = (name: string): Place => ({ folder, specifier, name });
  const parts = sections(exports).flatMap(([title, names]) => [
    ...(index === 0 ? [`## ${title}\n`] : []),
    overview(names, placeOf, link),
    ...names.map((exported) => renderExport(exported, link)),
  ]);
  return [...(index === 0 ? [] : [`## ${specifier}\n`]), ...parts].join('\n');
}

/** Names under the headings of the `index.ts`, in its order. */
function sections(exports: readonly Exported[]): [title: string, names: readonly Exported[]][] {
  const titles = [...new Set(exports.map(({ section }) => section))];
  return titles.map((title) => [title ?? 'Exports', exports.filter(({ section }) => section === title)]);
}

const isType = ({ code }: Exported): boolean => /^(?:interface|type) /.test(code);

/** A table of what can be called or used, and a line of the types. */
function overview(names: readonly Exported[], placeOf: (name: string) => Place, link: Links): string {
  const linked = ({ name }: Exported) => `[\`${name}\`](${link(placeOf(name))})`;
  const explained = names.filter(({ sameAs }) => !sameAs);
  const values = explained.filter((each) => !isType(each));
  const types = explained.filter(isType);
  return [
    ...(values.length > 0
      ? [
          '| name | what it is |',
          '| --- | --- |',
          ...values.map(
            (each) => `| ${linked(each)} | ${firstSentence(each.summary).replaceAll('|', '\\|')} |`,
          ),
          '',
        ]
      : []),
    ...(types.length > 0 ? [`Types: ${types.map(linked).join(', ')}.`, ''] : []),
  ].join('\n');
}

function renderExport(
  { name, code, summary, parameters, tags, uses, sameAs }: Exported,
  link: Links,
): string {
  const title = `### ${name}\n`;
  if (sameAs) return `${title}\n[\`${sameAs.name}\`](${link(sameAs)}) of \`${sameAs.specifier}\`.\n`;
  const linkOf = (used: Place) => `[\`${used.name}\`](${link(used)})`;
  return [
    title,
    '```ts',
    code,
    '```\n',
    `${summary}\n`,
    ...(parameters.length > 0
      ? [...parameters.map(({ name: parameter, text }) => `- \`${parameter}\`: ${oneLine(text)}`), '']
      : []),
    ...tags.map(({ name: tag, text }) =>
      tag === 'example' ? `${text}\n` : `${titleOf(tag)} ${oneLine(text)}\n`,
    ),
    ...(uses.length > 0 ? [`Uses ${uses.map(linkOf).join(', ')}.\n`] : []),
  ].join('\n');
}

const titleOf = (tag: string): string => `**${tag[0]!.toUpperCase()}${tag.slice(1)}:**`;
const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');

/** Up to the first full stop that ends a sentence, outside of code; without it. That of “Eq. 6” ends none. */
function firstSentence(text: string): string {
  const line = oneLine(text.split('\n\n')[0]!);
  const found = /^(?:`[^`]*`|[^`.]|\.(?!\s)|\.(?=\s\d))+/.exec(line)?.[0] ?? line;
  return found.replace(/\.$/, '');
}
