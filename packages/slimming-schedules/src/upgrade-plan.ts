/**
 * Older plan files. Version 1 wrote `rank` and `merge` for `reduce`. Before provenance was a list of steps, it was
 * flat, with a value for every field.
 */

import { currentBackendName, withCurrentBackendName } from './backend-names.js';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Converts an older plan to the current format; returns anything else unchanged. It does not validate: unknown fields
 * stay, so that the parser finds them.
 */
export function upgradePlan(json: unknown): unknown {
  if (!isObject(json)) return json;
  const { version, blocks, provenance } = json;
  return {
    ...json,
    ...(version === 1 ? { version: 2 } : {}),
    ...(version === 1 && Array.isArray(blocks) ? { blocks: blocks.map(upgradeBlock) } : {}),
    ...(isObject(provenance) && 'estimator' in provenance
      ? { provenance: upgradeProvenance(provenance) }
      : {}),
  };
}

function upgradeBlock(block: unknown): unknown {
  if (!isObject(block)) return block;
  if (block['kind'] === 'merge') {
    const { merger, ...others } = block;
    return { ...others, kind: 'reduce', reducer: merger };
  }
  if (block['kind'] === 'rank') {
    const { ranker, rest, ...others } = block;
    const reducer = { name: 'top-k', score: ranker, ...(rest === undefined ? {} : { rest }) };
    return { ...others, kind: 'reduce', reducer };
  }
  return block;
}

/** Some values of the flat form mean "not done": they give no step. */
function upgradeProvenance(flat: Json): Json {
  const { estimator, attention, keys, seed, data, images, schedule, ...others } = flat;
  const { errors, predictor, latency, search, candidates, refused, recovery, ...rest } = others;
  void keys; // the blocks store it themselves
  const steps: unknown[] = [];
  const add = (step: string, fields: unknown, more: Json = {}) => {
    if (fields !== undefined) steps.push(isObject(fields) ? { step, ...fields, ...more } : fields);
  };
  const looked = typeof images === 'number' && images > 0;
  if (looked && estimator !== 'none' && predictor === undefined) {
    add('scored', { score: estimator, deeperBlocks: attention, images });
  }
  if (errors !== undefined) add('top-down', { errors });
  add('fitted', predictor, { score: estimator, images });
  if (isObject(latency) && typeof latency['backend'] === 'string') {
    add('timed', { ...latency, backend: currentBackendName(latency['backend']) });
  } else add('timed', latency);
  if (isObject(search)) {
    const { heldBack, ...found } = search;
    add('searched', found, { images, judges: heldBack });
  } else add('searched', search);
  if (candidates !== undefined) add('chosen', { images, candidates, refused: refused ?? [] });
  if (isObject(recovery)) {
    const { spec, dense, images: taught, heldBack } = recovery;
    const { images: judges, ...gain } = isObject(heldBack) ? heldBack : {};
    add('recovered', { recovery: spec, from: dense, images: taught, judges, ...gain });
  } else add('recovered', recovery);
  return {
    ...rest,
    schedule: typeof schedule === 'string' ? withCurrentBackendName(schedule) : schedule,
    ...(looked ? { images: { name: data, count: images, seed } } : {}),
    steps,
  };
}
