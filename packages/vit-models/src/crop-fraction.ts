/** `crop_pct` of timm. */

const usualFractions = [1, 0.875, 0.9, 0.95];

/**
 * Side of the crop over side of the resized image, as timm's `crop_pct`: the usual or else the shortest decimal number with which
 * `floor(crop / fraction)`, which is how timm computes the side of the resized image, gives `resized` again. The bare quotient
 * does not: `288 / (288 / 448)` is a little below 448.
 */
export function cropFraction(crop: number, resized: number): number {
  const gives = (fraction: number): boolean => Math.floor(crop / fraction) === resized;
  const usual = usualFractions.find(gives);
  if (usual !== undefined) return usual;
  for (let unit = 10; unit <= 1e12; unit *= 10) {
    const most = Math.floor((crop / resized) * unit);
    const found = [most / unit, (most - 1) / unit].find(gives);
    if (found !== undefined) return found;
  }
  return crop / resized;
}
