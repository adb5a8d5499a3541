/** Finds the weights in what was saved: a dict of tensors, or a checkpoint of training that holds one. */

import { quoted, refused } from '../containers/checkpoint-error.js';
import { PickleDict, PickleObject } from '../pickle/pickle-values.js';
import { StoredView } from './stored-view.js';

/** Keys of weights in checkpoints, the best first: averaged weights are those that people report and publish. */
export const entryKeys = [
  ...['state_dict_ema', 'model_ema', 'ema_state_dict', 'model_state_dict', 'state_dict', 'model', 'teacher'],
  ...['student', 'module', 'net', 'network', 'params', 'weights'],
];

/** Checkpoints lie in each other at most so deep. */
const mostLevels = 4;

export interface StateDict {
  readonly views: ReadonlyMap<string, StoredView>;
  readonly ignored: readonly string[];
  readonly remarks: readonly string[];
}

/**
 * @param entry key that the user named
 * @throws `CHECKPOINT_INVALID` where there are no tensors, or not under the key
 */
export function findStateDict(root: unknown, file: string, entry: string | undefined): StateDict {
  const path: string[] = [];
  const remarks: string[] = [];
  let dict = root;
  let wanted = entry;
  for (let level = 0; level < mostLevels; level++) {
    if (!(dict instanceof PickleDict)) throw noWeights(file, dict, path);
    const sets = [...dict.entries].filter(([key, value]) => typeof key === 'string' && holdsTensors(value)) as [string, PickleDict][]; // prettier-ignore
    if (wanted === undefined && hasTensors(dict)) return split(dict, path, remarks);
    const keys = sets.map(([key]) => key);
    const chosen =
      wanted ?? entryKeys.find((key) => keys.includes(key)) ?? (keys.length === 1 ? keys[0] : undefined);
    if (chosen === undefined || !keys.includes(chosen)) {
      const shown = keys.slice(0, 10).map((key) => `'${quoted(key)}'`);
      const had = keys.length > 0 ? `weights are under ${shown.join(', ')}` : `keys: ${shownKeys(dict)}`;
      const problem = chosen === undefined ? 'cannot tell which are the weights; name one (entry, --entry)' : `has no weights under '${quoted(chosen)}'`; // prettier-ignore
      if (keys.length === 0) throw refused(file, `holds no tensors (${had})`);
      throw refused(file, `${problem}; ${had}`, { keys: keys.slice(0, 100) });
    }
    const others = keys.filter((key) => key !== chosen && entryKeys.includes(key));
    if (wanted === undefined && others.length > 0) {
      const rest = others.map((key) => `'${quoted(key)}'`).join(', ');
      remarks.push(
        `the weights are those under '${quoted(chosen)}'; the file has others under ${rest} (choose with entry, --entry)`,
      );
    }
    path.push(chosen);
    dict = dict.entries.get(chosen);
    wanted = undefined;
  }
  throw noWeights(file, undefined, path);
}

function split(dict: PickleDict, path: readonly string[], remarks: readonly string[]): StateDict {
  const views = new Map<string, StoredView>();
  const ignored: string[] = [];
  for (const [key, value] of dict.entries) {
    if (typeof key === 'string' && value instanceof StoredView) views.set(key, value);
    else ignored.push([...path, typeof key === 'string' ? quoted(key) : 'a key that is no text'].join('.'));
  }
  return { views, ignored: ignored.slice(0, 1000), remarks };
}

const hasTensors = (value: PickleDict): boolean =>
  [...value.entries].some(([key, item]) => typeof key === 'string' && item instanceof StoredView);

/** Here or one level below, as in `{ model: { state_dict: … } }`. */
function holdsTensors(value: unknown): boolean {
  if (!(value instanceof PickleDict)) return false;
  if (hasTensors(value)) return true;
  return [...value.entries].some(
    ([key, item]) =>
      typeof key === 'string' && entryKeys.includes(key) && item instanceof PickleDict && hasTensors(item),
  );
}

const shownKeys = (dict: PickleDict): string =>
  [...dict.entries.keys()]
    .slice(0, 10)
    .map((key) => (typeof key === 'string' ? `'${quoted(key)}'` : 'a number'))
    .join(', ') || 'none';

function noWeights(file: string, value: unknown, path: readonly string[]): Error {
  const where = path.length > 0 ? ` under '${quoted(path.join('.'))}'` : '';
  const what =
    value instanceof StoredView
      ? 'one tensor'
      : value instanceof PickleObject
        ? value.name
        : Array.isArray(value)
          ? 'a list'
          : 'no dict';
  return refused(file, `expected a dict of tensors${where}, got ${what}; save model.state_dict()`);
}
