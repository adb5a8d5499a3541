/** Writes the line on install size in a package's README from a measurement, and compares it with a later one. */

import type { Sizes, ThirdParty } from './measure-sizes.js';

const [begin, end] = ['<!-- size -->', '<!-- /size -->'];
const section = new RegExp(`${begin}\\s*(.*?)\\s*${end}`, 's');
const amount = /(\d+(?:\.\d+)?) (kB|MB)/g;

/** Sizes after these words were measured on one platform and may differ on others. */
const thirdParty = 'Third-party code on Linux x64, each with what it requires:';

export function sizeText({ packed, unpacked, withRequired, required, optional }: Sizes): string {
  const own = [`Install size: ${bytes(packed)} packed, ${bytes(unpacked)} unpacked`];
  if (withRequired > unpacked) own.push(`${bytes(withRequired)} with the patchslim packages that it needs`);
  const others = [...required.map(describe), ...optional.map((one) => `optional ${describe(one)}`)];
  const rest = others.length > 0 ? `${thirdParty} ${others.join(', ')}.` : 'No third-party code.';
  return `${own.join('; ')}. ${rest}`;
}

const describe = ({ name, version, bytes: size, native }: ThirdParty): string =>
  `${name} ${version} (${bytes(size)}${native ? ', native' : ''})`;

const bytes = (count: number): string =>
  count < 1e6 ? `${Math.round(count / 1e3)} kB` : `${(count / 1e6).toPrecision(3)} MB`;

/** The line in a README, or undefined. */
export const readSizeText = (readme: string): string | undefined => section.exec(readme)?.[1];

/**
 * Inserts the line into a README: between the marks, or else after the first block with `npm install`.
 *
 * @throws when there is no such block
 */
export function putSizeText(readme: string, text: string): string {
  const marked = `${begin}\n\n${text}\n\n${end}`;
  if (section.test(readme)) return readme.replace(section, () => marked);
  const install = /^```sh\n(?:(?!```).*\n)*?npm install (?:.*\n)*?```\n/m.exec(readme);
  if (!install) throw new Error('no block with npm install in the README');
  const place = install.index + install[0].length;
  return `${readme.slice(0, place)}\n${marked}\n${readme.slice(place)}`;
}

/**
 * Differences between a line and a fresh one: amounts that differ by more than a tenth, or other words.
 *
 * @param platform third-party amounts are compared only on `linux-x64`
 */
export function differences(written: string, fresh: string, platform: string): string[] {
  const [a, b] = [written, fresh].map((text) =>
    platform === 'linux-x64' ? text : text.split(thirdParty)[0]!,
  );
  const words = [a!, b!].map((text) => text.replace(amount, 'x'));
  if (words[0] !== words[1]) return [`expected “${b}”, got “${a}”`];
  const [own, other] = [amounts(a!), amounts(b!)];
  return own.flatMap(({ text, value }, i) => {
    const { text: expected, value: now } = other[i]!;
    // For a small amount, rounding alone can change half of the last digit.
    return Math.abs(value - now) <= 0.1 * now + 500 ? [] : [`expected about ${expected}, got ${text}`];
  });
}

const amounts = (text: string): { text: string; value: number }[] =>
  [...text.matchAll(amount)].map(([found, digits, unit]) => ({
    text: found,
    value: Number(digits) * (unit === 'MB' ? 1e6 : 1e3),
  }));
