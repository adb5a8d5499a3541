import type { Backend } from '@patchslim/tensor';

/** A backend of the tests: what it is called there, and how it is opened. */
export type NamedBackend = readonly [name: string, open: () => Promise<Backend>];
