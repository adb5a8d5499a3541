/** Arguments of `spawn`. */
export interface NpmCommand {
  readonly program: string;
  readonly args: string[];
  readonly shell: boolean;
}

/** The environment; by default this process's. */
export interface NpmSurroundings {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly execPath?: string;
  readonly platform?: NodeJS.Platform;
}

/** Returns the command that starts npm with these arguments, also on Windows. */
export function npmCommand(args: readonly string[], surroundings?: NpmSurroundings): NpmCommand;
