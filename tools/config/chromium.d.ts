/** Path of the executable, or undefined. */
export function findChromium(): string | undefined;

export const chromiumFlags: string[];
