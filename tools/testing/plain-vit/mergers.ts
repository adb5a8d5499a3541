/** Reducers that merge or drop tokens by pairs, as plain loops for one image. */

import { cosine, downwards, mean, meanRow, total } from './numbers.js';
import { classAttentionOf, received, without, type Known, type Token } from './tokens.js';

/** Merges tokens into one, at the place of the first. */
function together(tokens: readonly Token[], weights: readonly number[]): Token {
  const [destination] = tokens;
  return {
    x: meanRow(
      tokens.map(({ x }) => x),
      weights,
    ),
    position: destination!.position,
    size: total(tokens.map(({ size }) => size)),
    members: tokens.flatMap(({ members }) => members),
  };
}

interface Pairing {
  /** Indices of tokens. */
  readonly destinations: readonly number[];
  readonly sources: readonly number[];
  readonly fit: (source: number, destination: number) => number;
  readonly r: number;
}

/** The sources that stay, and the sources that each destination absorbs. */
function pair({ destinations, sources, fit, r }: Pairing) {
  const best = sources.map(
    (source) => destinations[downwards(destinations.map((destination) => fit(source, destination)))[0]!]!,
  );
  const leaving = new Set(downwards(sources.map((source, i) => fit(source, best[i]!))).slice(0, r));
  return {
    staying: sources.filter((_, i) => !leaving.has(i)),
    groups: destinations.map((destination) => [
      destination,
      ...sources.filter((_, i) => leaving.has(i) && best[i] === destination),
    ]),
  };
}

const patchesOf = ({ tokens, prefix }: Known): number[] => [...tokens.keys()].slice(prefix);
const odd = (_: unknown, i: number): boolean => i % 2 === 1;
const even = (_: unknown, i: number): boolean => i % 2 === 0;

/** Prefix, remaining sources, and means of merged tokens. */
function meansOf(
  now: readonly Token[],
  others: readonly number[],
  groups: readonly (readonly number[])[],
  weightOf: (token: number) => number,
): Token[] {
  return [
    ...others.map((i) => without(now[i]!)),
    ...groups.map((group) =>
      together(
        group.map((i) => now[i]!),
        group.map(weightOf),
      ),
    ),
  ];
}

export interface WardOptions {
  readonly deal?: 'rows' | 'checkerboard' | undefined;
  readonly norms?: 'mean' | 'kept' | undefined;
}

export function ward(
  { deal, norms }: WardOptions,
  count: number,
  now: readonly Token[],
  known: Known,
): Token[] {
  const attention = classAttentionOf(known);
  const patches = patchesOf(known);
  const side = known.config.imageSize / known.config.patchSize;
  const onBoard = deal === 'checkerboard' && patches.length === side ** 2;
  const isDestination = (_: number, i: number) => (onBoard ? Math.floor(i / side) + (i % side) : i) % 2 === 0;
  const { staying, groups } = pair({
    destinations: patches.filter(isDestination),
    sources: patches.filter((patch, i) => !isDestination(patch, i)),
    fit: (i, j) => {
      const [a, b] = [Math.sqrt(attention[i]!), Math.sqrt(attention[j]!)];
      return (-(a * b) / (a + b)) * (1 - cosine(now[i]!.x, now[j]!.x));
    },
    r: now.length - count,
  });
  const merged = meansOf(now, [...prefixOf(known), ...staying], groups, (i) => attention[i]!);
  if (norms !== 'kept') return merged;
  const length = (x: readonly number[]) => Math.hypot(...x);
  const members = [...prefixOf(known).map((i) => [i]), ...staying.map((i) => [i]), ...groups];
  return merged.map((token, row) => {
    const weight = total(members[row]!.map((i) => attention[i]!));
    const wanted = total(members[row]!.map((i) => attention[i]! * length(now[i]!.x))) / weight;
    return { ...token, x: token.x.map((value) => (value * wanted) / length(token.x)) };
  });
}

const prefixOf = ({ prefix }: Known): number[] => Array.from({ length: prefix }, (_, i) => i);

export function pool(count: number, now: readonly Token[], known: Known): Token[] {
  const patches = patchesOf(known);
  const runs = count - known.prefix;
  const groups = Array.from({ length: runs }, (_, run) =>
    patches.filter((_unused, i) => Math.floor((i * runs) / patches.length) === run),
  );
  return meansOf(now, prefixOf(known), groups, (i) => now[i]!.size);
}

/** Keys, averaged over the heads. */
function metricOf({ keys, config }: Known): number[][] {
  const width = config.width / config.heads;
  return keys.map((key) =>
    Array.from({ length: width }, (_, c) =>
      mean(Array.from({ length: config.heads }, (_unused, h) => key[h * width + c]!)),
    ),
  );
}

export function tome(count: number, now: readonly Token[], known: Known): Token[] {
  const metric = metricOf(known);
  const patches = patchesOf(known);
  const { staying, groups } = pair({
    destinations: patches.filter(even),
    sources: patches.filter(odd),
    fit: (i, j) => cosine(metric[i]!, metric[j]!),
    r: now.length - count,
  });
  return meansOf(now, [...prefixOf(known), ...staying], groups, (i) => now[i]!.size);
}

export function pitome(count: number, now: readonly Token[], known: Known, margin: number): Token[] {
  const metric = metricOf(known);
  const patches = patchesOf(known);
  const r = now.length - count;
  const elu = (x: number) => (x > 0 ? x : Math.exp(x) - 1);
  const energy = patches.map((i) => mean(patches.map((j) => elu(cosine(metric[i]!, metric[j]!) - margin))));
  const order = downwards(energy).map((i) => patches[i]!);
  const merging = order.slice(0, 2 * r);
  const { groups } = pair({
    sources: merging.filter(even),
    destinations: merging.filter(odd),
    fit: (i, j) => cosine(metric[i]!, metric[j]!),
    r,
  });
  const rest = order.slice(2 * r).sort((a, b) => a - b);
  return meansOf(now, [...prefixOf(known), ...rest], groups, (i) => now[i]!.size);
}

export function mctf(count: number, now: readonly Token[], known: Known): Token[] {
  const attention = received(known);
  const { tokens } = known;
  const fit = (i: number, j: number) => {
    const similarity = (cosine(tokens[i]!.x, tokens[j]!.x) + 1) / 2;
    const information = 1 / (attention[i]! * attention[j]!);
    const size = 1 / (tokens[i]!.size * tokens[j]!.size);
    return similarity * information ** (1 / 20) * size ** (1 / 40);
  };
  const r = now.length - count;
  const patches = patchesOf(known);
  const [destinations, sources] = [patches.filter(even), patches.filter(odd)];
  const weight = (i: number) => attention[i]! * tokens[i]!.size;
  const forth = pair({ destinations, sources, fit, r: Math.ceil(r / 2) });
  if (r === 1) return meansOf(now, [...prefixOf(known), ...forth.staying], forth.groups, weight);
  const back = pair({
    destinations: forth.staying,
    sources: destinations,
    fit: (source, destination) => fit(destination, source),
    r: Math.floor(r / 2),
  });
  // A destination of the first round takes its sources along in the second.
  const groupOf = new Map(forth.groups.map((group) => [group[0]!, group]));
  const whole = (destination: number) => groupOf.get(destination) ?? [destination];
  return meansOf(
    now,
    prefixOf(known),
    [
      ...back.staying.map(whole),
      ...back.groups.map(([destination, ...gone]) => [destination!, ...gone.flatMap(whole)]),
    ],
    weight,
  );
}

export function diffrate(count: number, now: readonly Token[], known: Known, kept: number): Token[] {
  const { prefix } = known;
  const order = downwards(classAttentionOf(known).slice(prefix)).map((i) => i + prefix);
  const { groups } = pair({
    destinations: order.slice(0, count - prefix),
    sources: order.slice(count - prefix, kept - prefix),
    fit: (i, j) => cosine(now[i]!.x, now[j]!.x),
    r: kept - count,
  });
  return meansOf(now, prefixOf(known), groups, (i) => now[i]!.size);
}

export function tps(count: number, now: readonly Token[], known: Known): Token[] {
  const { prefix } = known;
  const order = downwards(classAttentionOf(known).slice(prefix)).map((i) => i + prefix);
  const [destinations, sources] = [order.slice(0, count - prefix), order.slice(count - prefix)];
  const fit = (i: number, j: number) => cosine(now[i]!.x, now[j]!.x);
  const { groups } = pair({ destinations, sources, fit, r: sources.length });
  const squeezed = groups.map(([destination, ...gone]): Token => {
    const weights = [Math.E, ...gone.map((source) => Math.exp(fit(source, destination!)))];
    // Squeezing does not change sizes.
    return {
      ...together(
        [destination!, ...gone].map((i) => now[i]!),
        weights,
      ),
      size: now[destination!]!.size,
    };
  });
  return [...prefixOf(known).map((i) => without(now[i]!)), ...squeezed];
}

export function zeroTPrune(count: number, now: readonly Token[], known: Known, iterations: number): Token[] {
  const { prefix, config, attention, tokens } = known;
  const ofHeads = Array.from({ length: config.heads }, (_, h) => {
    let scores = tokens.map(() => 1);
    for (let i = 0; i < iterations; i++) {
      const before = scores;
      scores = tokens.map((_unused, j) =>
        total(before.map((score, query) => score * attention[query]![h]![j]!)),
      );
    }
    return scores;
  });
  const within = ofHeads.filter((scores) => {
    const spread = mean(scores.map((score) => (score - mean(scores)) ** 2));
    return spread > 0.01 && spread <= 0.7;
  });
  const used = within.length > 0 ? within : ofHeads;
  const importance = tokens.map((_, j) => Math.sqrt(mean(used.map((scores) => scores[j]! ** 2))));
  const order = downwards(importance.slice(prefix)).map((i) => i + prefix);
  const similar = Math.floor((now.length - count) / 2);
  const left = order.slice(0, count - prefix + similar);
  const half = Math.ceil(left.length / 2);
  const metric = metricOf(known);
  if (similar === 0) return [...prefixOf(known), ...left].map((i) => without(now[i]!));
  const { staying } = pair({
    destinations: left.slice(0, half),
    sources: left.slice(half),
    fit: (i, j) => cosine(metric[i]!, metric[j]!),
    r: similar,
  });
  return [...prefixOf(known), ...staying, ...left.slice(0, half)].map((i) => without(now[i]!));
}
