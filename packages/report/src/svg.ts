/** Helpers that write SVG and HTML. Strings in, well-formed markup out. */

/** Attribute values by name; `undefined` leaves an attribute out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Title and size of a drawing, in pixels. */
export interface DrawingFrame {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** Description for screen readers; the title by default. */
  readonly label?: string;
}

/** Colours that stay distinct for colour-blind readers, on light and dark backgrounds (Okabe and Ito). */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;

// A drawing can be the source of an <img>, so it needs its own colours for light and dark.
const style =
  '.patchslim-ink{fill:#1f2328}.patchslim-faint{fill:#59636e}.patchslim-line{stroke:#d1d9e0}' +
  '.patchslim-ghost{fill:#e6eaef}' +
  '@media(prefers-color-scheme:dark){.patchslim-ink{fill:#e6edf3}.patchslim-faint{fill:#9198a1}' +
  '.patchslim-line{stroke:#3d444d}.patchslim-ghost{fill:#262c36}}';

/** A self-contained SVG that screen readers treat as one picture. `children` are markup. */
export function drawing(
  { width, height, title, label = title }: DrawingFrame,
  ...children: string[]
): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${round(width)} ${round(height)}`,
    role: 'img',
    'aria-label': label,
    'font-family': 'system-ui, sans-serif',
    'font-size': 12,
  };
  return element(
    'svg',
    attributes,
    element('title', {}, escape(title)),
    element('style', {}, style),
    ...children,
  );
}

/**
 * One element of SVG or HTML. Attribute values are escaped; `children` are markup. Without children the tag closes itself.
 * HTML allows that for void elements only: give other HTML elements at least `''`.
 */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => {
    if (value === undefined) return '';
    return ` ${key}="${typeof value === 'number' ? round(value) : escape(value)}"`;
  });
  const tag = name + written.join('');
  return children.length === 0 ? `<${tag}/>` : `<${tag}>${children.join('')}</${name}>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for markup. Characters that XML forbids (control characters, lone surrogates) become U+FFFD. */
export function escape(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character]!);
}

/** Rounds a coordinate to two decimals. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
