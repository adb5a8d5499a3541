import type { Linter } from 'eslint';

interface Restriction {
  readonly selector: string;
  readonly message: string;
}

/** The files that know the system. */
export const platformFiles: readonly string[];

/** Restrictions of syntax, by kind. */
export const kinds: Readonly<
  Record<
    | 'system asked'
    | 'signal'
    | 'file function'
    | 'program by name'
    | 'absolute path'
    | 'home by variable'
    | 'address taken as a path'
    | 'separator'
    | 'file name',
    readonly Restriction[]
  >
>;

/** For ESLint's configuration. */
export const platformRules: Linter.Config[];
