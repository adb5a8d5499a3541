/** The closed list of names that a PyTorch file may use, and the data that each stands for. Nothing is called. */

import type { PersistentId } from '../pickle/pickle-values.js';
import {
  PickleDict,
  PickleGlobal,
  PickleObject,
  PickleTuple,
  type PickleGlobals,
} from '../pickle/pickle-values.js';
import { dtypes, storageTypes, type ElementType } from './element-types.js';
import { storedView, type StorageRef } from './stored-view.js';

type Build = (args: readonly unknown[]) => unknown;

/** Objects that are kept as data and looked at no further. */
const inert = [
  ...['argparse.Namespace', 'torch.device', '_codecs.encode'],
  ...['numpy.dtype', 'numpy.ndarray'],
  ...['numpy.core.multiarray.scalar', 'numpy._core.multiarray.scalar'],
  ...['numpy.core.multiarray._reconstruct', 'numpy._core.multiarray._reconstruct'],
];

/** Names that are data themselves and never called: types of tensors, and what makes the values of a `defaultdict`. */
const data = [
  ...['torch.Tensor', 'torch.nn.parameter.Parameter', 'torch.storage.UntypedStorage', 'torch.UntypedStorage'],
  ...['builtins.int', 'builtins.float', 'builtins.list', 'builtins.dict'],
  ...Object.keys(storageTypes).map((name) => `torch.${name}`),
  ...Object.keys(dtypes).map((name) => `torch.${name}`),
];

/** All names of a PyTorch file. */
export const pytorchGlobals: PickleGlobals = new Map(
  [
    ...data.map((name) => new PickleGlobal(name, undefined)),
    ...inert.map((name) => new PickleGlobal(name, (args) => new PickleObject(name, args))),
    ...Object.entries(builders()).map(([name, build]) => new PickleGlobal(name, build)),
  ].map((global) => [global.name, global]),
);

function builders(): Record<string, Build> {
  const tensor: Build = ([storage, offset, size, stride, , , metadata]) => {
    requirePlainView(metadata);
    return storedView(storage, offset, size, stride, storageOf);
  };
  const first: Build = ([value]) => value;
  const items: Build = ([values]) => values ?? [];
  return {
    'torch._utils._rebuild_tensor': tensor,
    'torch._utils._rebuild_tensor_v2': tensor,
    'torch._utils._rebuild_tensor_v3': ([storage, offset, size, stride, , , dtype, metadata]) => {
      requirePlainView(metadata);
      return storedView(storage, offset, size, stride, storageOf, dtypeOf(dtype));
    },
    'torch._utils._rebuild_parameter': first,
    'torch._utils._rebuild_parameter_with_state': first,
    'torch._tensor._rebuild_from_type_v2': rebuildFromType,
    'torch.Size': ([size]) =>
      size instanceof PickleTuple ? size : new PickleTuple(Array.isArray(size) ? size : []),
    'collections.OrderedDict': dict,
    'collections.defaultdict': ([, ...rest]) => dict(rest),
    'collections.Counter': dict,
    'builtins.set': items,
    '__builtin__.set': items,
  };
}

/** Views may be negated or conjugated by a flag alone. */
function requirePlainView(metadata: unknown): void {
  if (metadata instanceof PickleDict && [...metadata.entries.values()].some((flag) => flag !== false)) {
    throw new TypeError(
      'expected a tensor that is no negative or conjugate view; save it with .resolve_neg()',
    );
  }
}

/** A tensor with attributes: the function, the type, the arguments, the attributes. */
function rebuildFromType([build, type, args]: readonly unknown[]): unknown {
  const types = ['torch.Tensor', 'torch.nn.parameter.Parameter'];
  const plain = type instanceof PickleGlobal && types.includes(type.name);
  const rebuilds = build instanceof PickleGlobal && build.name.startsWith('torch._utils._rebuild_');
  if (!plain || !rebuilds || !build.build || !(args instanceof PickleTuple)) {
    throw new TypeError('expected a tensor or parameter');
  }
  return build.build(args.items);
}

/** Empty, another dict, or (Python 2) a list of pairs. The pairs move: many dicts of one list would fill the memory. */
function dict([items]: readonly unknown[]): PickleDict {
  if (items instanceof PickleDict) return items;
  const result = new PickleDict();
  if (!Array.isArray(items)) return result;
  for (const pair of items.splice(0)) {
    const values: unknown = pair instanceof PickleTuple ? pair.items : pair;
    if (!Array.isArray(values) || values.length !== 2)
      throw new TypeError('expected pairs of a key and a value');
    result.entries.set(values[0], values[1]);
  }
  return result;
}

function dtypeOf(value: unknown): ElementType {
  const name = value instanceof PickleGlobal ? value.name.replace(/^torch\./, '') : '';
  if (!Object.hasOwn(dtypes, name)) throw new TypeError('expected a dtype');
  return dtypes[name]!;
}

/** `('storage', type, key, device, elements)`, and in older files a view `(key, offset, elements)` or None behind it. */
export function storageOf({ id }: PersistentId): StorageRef {
  const parts = id instanceof PickleTuple ? id.items : [];
  const [kind, type, key, , elements, view] = parts;
  const [own, first] = view instanceof PickleTuple ? view.items : [];
  const element = type instanceof PickleGlobal ? elementOf(type.name) : undefined;
  const text = typeof key === 'number' ? String(key) : key;
  const isView = view instanceof PickleTuple && own !== undefined;
  if (
    kind !== 'storage' ||
    !element ||
    typeof text !== 'string' ||
    !isLength(elements) ||
    (isView && !isLength(first))
  ) {
    throw new TypeError('expected a storage with type, key and length');
  }
  const length = isView && view instanceof PickleTuple ? view.items[2] : elements;
  if (!isLength(length)) throw new TypeError('expected the length of a view');
  return { key: text, type: element, length, offset: isView && isLength(first) ? first : 0 };
}

function elementOf(name: string): ElementType | undefined {
  const bare = name.replace(/^torch\.(storage\.)?/, '');
  if (bare === 'UntypedStorage') return { name: 'uint8', bytes: 1 };
  return Object.hasOwn(storageTypes, bare) ? storageTypes[bare] : undefined;
}

const isLength = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
