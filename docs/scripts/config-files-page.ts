/**
 * Writes the tables of guide/config-files.md from the tables that the readers use: `npm run config-files-page -w docs`. A test
 * compares the page with them.
 */

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  configKeys,
  imageProcessors,
  preprocessorKeys,
  timmKeys,
  type ImageProcessor,
  type KeyTable,
  type KeyUse,
} from '@patchslim/vit-models';
import { configMeanings, preprocessorMeanings, timmMeanings } from './config-key-meanings.js';
import { withGenerated } from './markdown/generated.js';
import { table } from './markdown/table.js';

/** The page, and the place in it behind which everything is generated. */
export const configFilesPage = fileURLToPath(new URL('../guide/config-files.md', import.meta.url));

interface Section {
  readonly title: string;
  readonly keys: KeyTable;
  readonly meanings: Readonly<Record<string, string>>;
}

const sections: readonly Section[] = [
  { title: '`preprocessor_config.json`', keys: preprocessorKeys, meanings: preprocessorMeanings },
  { title: '`config.json`', keys: configKeys, meanings: configMeanings },
  {
    title: '`pretrained_cfg` of timm, or on top of its older `config.json`',
    keys: timmKeys,
    meanings: timmMeanings,
  },
];

/** The page as it should be: its written part as it is, then the tables. @throws for a key without a meaning */
export async function renderConfigFilesPage(): Promise<string> {
  const processors = [
    '## Classes of image processors\n',
    'Their defaults count where `preprocessor_config.json` has no such key. DeiT without a file has the statistics of ImageNet.\n',
    table(['class', 'resize', 'crop', 'filter', 'mean', 'deviation'], imageProcessors.map(processorRow)),
  ];
  return withGenerated(
    configFilesPage,
    'config-files-page',
    [...sections.flatMap(renderSection), ...processors].join('\n'),
  );
}

function renderSection({ title, keys, meanings }: Section): string[] {
  const withUse = (use: KeyUse): string[] => Object.keys(keys).filter((key) => keys[key] === use);
  const stale = Object.keys(meanings).filter((key) => keys[key] !== 'read');
  if (stale.length > 0) throw new Error(`config-key-meanings: ${stale.join(', ')} of ${title}: not read`);
  const meaningOf = (key: string): string => {
    if (meanings[key] !== undefined) return meanings[key];
    throw new Error(`config-key-meanings: ${key} of ${title} has no meaning`);
  };
  const sentence = (begin: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`${begin}: ${names.map((key) => `\`${key}\``).join(', ')}.\n`];
  return [
    `## ${title}\n`,
    table(
      ['key', 'what is read'],
      withUse('read').map((key) => [`\`${key}\``, meaningOf(key)]),
    ),
    ...sentence('Refused, unless they are off', withUse('refused')),
    ...sentence('Without effect on classes and pixels', withUse('no effect')),
  ];
}

function processorRow({ name, resize, crop, interpolation, mean, std }: ImageProcessor): string[] {
  const to = resize.to === 'exact' ? `${resize.height} × ${resize.width}` : `shorter side to ${resize.size}`;
  const short = (values: readonly number[]) => values.map((value) => Number(value.toFixed(4))).join(' ');
  return [name, to, crop === undefined ? 'none' : String(crop), interpolation, short(mean), short(std)];
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(configFilesPage, await renderConfigFilesPage());
