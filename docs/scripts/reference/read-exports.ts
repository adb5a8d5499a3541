/**
 * Reads what the packages export, with TypeDoc for the docstrings and the compiler for the declarations. The order, and
 * the headings, are those of the `index.ts`: a comment line above an export begins a section.
 */

import { Application, LogLevel, type Comment, type DeclarationReflection } from 'typedoc';
import ts from 'typescript';
import { join } from 'node:path';
import { root } from '../markdown/repository.js';
import { declarationText, referredTypes, resolveAlias } from './declaration-text.js';
import { packageEntries, type EntryPoint, type PackageEntries } from './entry-points.js';

/** One exported name. */
export interface Exported {
  readonly name: string;
  /** Heading in the `index.ts` above it. */
  readonly section: string | undefined;
  /** Its declaration in TypeScript; empty where it is explained elsewhere. */
  readonly code: string;
  /** Markdown; empty when the docstring is missing. */
  readonly summary: string;
  readonly parameters: readonly Described[];
  /** `throws`, `returns`, `example` and the like, in order. */
  readonly tags: readonly Described[];
  /** Other exported names in its declaration, and for a name exported twice the place where it is explained. */
  readonly uses: readonly Place[];
  readonly sameAs?: Place | undefined;
}

export interface Described {
  readonly name: string;
  readonly text: string;
}

export interface Place {
  readonly folder: string;
  readonly specifier: string;
  readonly name: string;
}

export interface EntryExports extends EntryPoint {
  readonly exports: readonly Exported[];
}

export interface PackageExports extends PackageEntries {
  readonly entries: readonly EntryExports[];
}

/** Everything that the packages export. @throws Error when the sources cannot be read */
export async function readExports(): Promise<PackageExports[]> {
  const packages = await packageEntries();
  const files = packages.flatMap(({ entries }) => entries.map(({ file }) => file));
  const app = await Application.bootstrap({
    entryPoints: files,
    tsconfig: join(root, 'tsconfig.base.json'),
    compilerOptions: { noEmit: true },
    skipErrorChecking: true,
    excludeExternals: true,
    logLevel: LogLevel.Error,
    readme: 'none',
  });
  const entryPoints = app.getEntryPoints() ?? [];
  const project = app.converter.convert(entryPoints);
  if (app.logger.hasErrors()) throw new Error('TypeDoc cannot read the packages');
  const program = entryPoints[0]!.program;
  const checker = program.getTypeChecker();

  const modules = new Map<string, DeclarationReflection>(
    (project.children ?? []).map((module) => [module.sources?.[0]?.fullFileName ?? '', module]),
  );
  const places = new Map<ts.Symbol, Place>();
  const listed = packages.map((each) => ({
    ...each,
    entries: each.entries.map((entry) => {
      const source = program.getSourceFile(entry.file);
      if (!source) throw new Error(`${entry.file} is in no program`);
      const names = exportsInOrder(source, checker).map((found) => {
        const place = { folder: each.folder, specifier: entry.specifier, name: found.name };
        const first = places.get(found.symbol);
        if (!first) places.set(found.symbol, place);
        return { ...found, sameAs: first };
      });
      return { ...entry, names };
    }),
  }));
  return listed.map(({ entries, ...each }) => ({
    ...each,
    entries: entries.map(({ names, ...entry }) => ({
      ...entry,
      exports: names.map(({ name, section, symbol, sameAs }) => {
        const documented = modules.get(entry.file)?.children?.find((child) => child.name === name);
        const declarations = symbol.declarations ?? [];
        const referred = declarations.flatMap((declaration) => referredTypes(declaration, checker));
        const code = declarations.map((declaration) => declarationText(declaration, checker)).filter(Boolean);
        return {
          name,
          section,
          code: sameAs ? '' : code.join('\n'),
          uses: [...new Set(referred)].flatMap((used) => (used === symbol ? [] : (places.get(used) ?? []))),
          sameAs,
          ...describe(declarations.some(hasDocstring) ? documented : undefined),
        };
      }),
    })),
  }));
}

interface FoundExport {
  readonly name: string;
  readonly symbol: ts.Symbol;
  readonly section: string | undefined;
}

/** The exports of an index file in the order of its lines; those of `export *` in the order of theirs. */
function exportsInOrder(source: ts.SourceFile, checker: ts.TypeChecker): FoundExport[] {
  const module = checker.getSymbolAtLocation(source);
  if (!module) return [];
  const all = new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]));
  const found = new Map<string, FoundExport>();
  let section: string | undefined;
  for (const statement of source.statements) {
    section = sectionAbove(statement, source) ?? section;
    for (const name of exportedNames(statement, checker)) {
      const symbol = all.get(name);
      if (symbol && !found.has(name))
        found.set(name, { name, symbol: resolveAlias(symbol, checker), section });
    }
  }
  return [...found.values()];
}

/** `// Checkpoints` above a statement. */
function sectionAbove(statement: ts.Statement, source: ts.SourceFile): string | undefined {
  const comments = ts.getLeadingCommentRanges(source.text, statement.getFullStart()) ?? [];
  const line = comments.find(({ kind }) => kind === ts.SyntaxKind.SingleLineCommentTrivia);
  return line && source.text.slice(line.pos + 2, line.end).trim();
}

function exportedNames(statement: ts.Statement, checker: ts.TypeChecker): string[] {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause, moduleSpecifier } = statement;
    if (exportClause && ts.isNamedExports(exportClause))
      return exportClause.elements.map(({ name }) => name.text);
    const module = moduleSpecifier && checker.getSymbolAtLocation(moduleSpecifier);
    return module ? checker.getExportsOfModule(module).map(({ name }) => name) : [];
  }
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const { name } = statement as { name?: ts.Identifier };
  return name ? [name.text] : [];
}

/** Whether there is one of its own: TypeDoc also hands down those of what is extended. */
const hasDocstring = (declaration: ts.Declaration): boolean =>
  ts.getJSDocCommentsAndTags(declaration).some(ts.isJSDoc);

/** Docstring of a reflection; that of a function is on its signature. */
function describe(
  reflection: DeclarationReflection | undefined,
): Pick<Exported, 'summary' | 'parameters' | 'tags'> {
  const signature = reflection?.signatures?.find((each) => each.comment) ?? reflection?.signatures?.[0];
  const comment = signature?.comment ?? reflection?.comment;
  const parameters = (signature?.parameters ?? []).flatMap(({ name, comment: about }) =>
    about ? [{ name, text: textOf(about.summary) }] : [],
  );
  const tags = (comment?.blockTags ?? [])
    .filter(({ tag }) => tag !== '@param')
    .map(({ tag, content }) => ({ name: tag.slice(1), text: textOf(content) }));
  return { summary: comment ? textOf(comment.summary) : '', parameters, tags };
}

const textOf = (parts: Comment['summary']): string =>
  parts
    .map(({ text }) => text)
    .join('')
    .trim();
