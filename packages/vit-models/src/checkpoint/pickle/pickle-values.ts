/** What a pickle is read into: inert data. Nothing of it is a function, a class or an object with behaviour. */

/** A Python dict (also OrderedDict, defaultdict, Counter). Keys that are no text or number are found by identity. */
export class PickleDict {
  readonly entries = new Map<unknown, unknown>();
}

export class PickleTuple {
  constructor(readonly items: readonly unknown[]) {}
}

/** An entry of the closed list of names that a pickle may use. */
export class PickleGlobal {
  constructor(
    readonly name: string,
    /** What calling it stands for: data made of its arguments. Undefined for names that are data themselves. */
    readonly build: ((args: readonly unknown[]) => unknown) | undefined,
  ) {}
}

/** An object that is kept as data and looked at no further: `argparse.Namespace`, a NumPy scalar, … */
export class PickleObject {
  state: unknown = undefined;
  constructor(
    readonly name: string,
    readonly args: readonly unknown[],
  ) {}
}

/** What stands in a pickle for bytes that lie outside of it: the storage of a tensor. */
export class PersistentId {
  constructor(readonly id: unknown) {}
}

/** Names by `module.name`, and what each stands for. */
export type PickleGlobals = ReadonlyMap<string, PickleGlobal>;
