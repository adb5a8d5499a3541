/** The program of Node 20, 22 or 24, or undefined where npm has none for this system and PATCHSLIM_NODE_22 names none. */
export function nodeBinary(major: number, arch?: string): Promise<string | undefined>;
