/** @throws when the changelog has no section for the version, or the section is empty */
export function dateChangelog(text: string, version: string, date: string): string;
/** @throws when the text sets no version */
export function setVersion(text: string, version: string): string;
