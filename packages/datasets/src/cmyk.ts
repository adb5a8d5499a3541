/** Inks to RGB. */

/**
 * Four inks as Pillow turns them into RGB: `white - ink · white / 255` with `white = 255 - black`, without a colour profile.
 *
 * @param inks `[pixels · 4]`: cyan, magenta, yellow, black; 255 is full ink
 * @returns `[pixels · 3]`
 */
export function cmykToRgb(inks: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((inks.length / 4) * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4) {
    const white = 255 - inks[from + 3]!;
    for (let c = 0; c < 3; c++) {
      const product = inks[from + c]! * white + 128;
      rgb[to++] = Math.max(0, white - (((product >> 8) + product) >> 8)); // rounded product / 255
    }
  }
  return rgb;
}
