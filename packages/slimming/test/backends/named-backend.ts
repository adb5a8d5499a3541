import type { Backend } from '@patchslim/tensor';

/** A backend for tests: its name, and how to open it. */
export type NamedBackend = readonly [name: string, open: () => Promise<Backend>];
