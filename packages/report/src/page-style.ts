/** Styles of all pages: one column, light and dark, ready for print. */

export const pageStyle = `
:root { color-scheme: light dark; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0; --ground: #fff; --bar: #cfe3f1 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --faint: #9198a1; --line: #3d444d; --ground: #0d1117; --bar: #123a57 }
}
body { margin: 0 auto; padding: 2rem 1.5rem 3rem; max-width: 66rem; color: var(--ink); background: var(--ground);
  font: .95rem/1.5 system-ui, sans-serif }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2 }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.2rem }
.headline { margin: .5rem 0 0; font-size: 1.15rem }
.note { margin: .5rem 0; color: var(--faint) }
.wide { overflow-x: auto }
svg { display: block; max-width: 100%; height: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .75rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap }
th { font-weight: 600 }
thead th { color: var(--faint); font-size: .85rem }
tbody tr > :first-child, thead tr > :first-child, tfoot tr > :first-child { padding-left: 0; text-align: left }
tfoot :is(th, td) { border-bottom: 0 }
.share { min-width: 9rem; background: linear-gradient(var(--bar), var(--bar)) left / calc(var(--share) * .55) 70% no-repeat }
figure { margin: 0 0 2rem; break-inside: avoid }
figcaption { margin-bottom: .6rem }
figcaption strong { overflow-wrap: anywhere }
figcaption span { margin-left: 1rem; color: var(--faint) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; margin: 0 }
dt { color: var(--faint) }
dd { margin: 0; overflow-wrap: anywhere }
dd :is(ol, ul) { margin: 0; padding-left: 1.2rem }
h2, thead { break-after: avoid }
tr { break-inside: avoid }
@media print {
  :root { font-size: 10.5px }
  body { padding: 0; max-width: none }
  svg, .share { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
`;
