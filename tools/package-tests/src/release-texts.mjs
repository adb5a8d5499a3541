// What a release changes in texts, as pure functions.

/** Dates the section of a version, which is called `## VERSION (unreleased)`. Throws if there is none, or no change in it. */
export function dateChangelog(text, version, date) {
  const heading = `## ${version} (unreleased)`;
  const start = text.indexOf(`${heading}\n`);
  if (start < 0) throw new Error(`CHANGELOG.md: expected a section '${heading}'`);
  const end = text.indexOf('\n## ', start + 1);
  const section = text.slice(start + heading.length, end < 0 ? undefined : end);
  if (!/^- /m.test(section)) throw new Error(`CHANGELOG.md: the section '${heading}' lists no change`);
  return text.replace(heading, `## ${version} (${date})`);
}

/** Sets the constant in `version.ts`. */
export function setVersion(text, version) {
  const pattern = /(?<=export const version = ')[^']+(?=';)/;
  if (!pattern.test(text)) throw new Error('version.ts: expected export const version');
  return text.replace(pattern, version);
}
