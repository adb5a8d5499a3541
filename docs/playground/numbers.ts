/** Figures as the page writes them; those with an interval are written by `@patchslim/report`. */

/** Multiply-accumulates: `1.25 G`, `117 M`. */
export const macsText = (macs: number): string =>
  macs >= 1e9 ? `${(macs / 1e9).toFixed(2)} G` : `${(macs / 1e6).toFixed(0)} M`;

/** A time: `8.3 ms`, `148 ms`, `2.41 s`. */
export function msText(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms.toFixed(ms < 100 ? 1 : 0)} ms`;
}

/** A share in percent, without digits behind the point. */
export const percentText = (share: number): string => `${(100 * share).toFixed(0)} %`;
