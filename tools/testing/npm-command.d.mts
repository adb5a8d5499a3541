/** What `spawn` takes. */
export interface NpmCommand {
  readonly program: string;
  readonly args: string[];
  readonly shell: boolean;
}

/** The surroundings; this process's where left out. */
export interface NpmSurroundings {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly execPath?: string;
  readonly platform?: NodeJS.Platform;
}

/** How to start npm with these arguments, on Windows too. */
export function npmCommand(args: readonly string[], surroundings?: NpmSurroundings): NpmCommand;
