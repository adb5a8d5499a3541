/** A declaration as the reference shows it: what a caller has to know, in TypeScript, without a body. */

import ts from 'typescript';

/** Shows types in full, functions as arrows. */
const typeFormat =
  ts.TypeFormatFlags.NoTruncation |
  ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope |
  ts.TypeFormatFlags.WriteArrowStyleSignature;

/** The text of one declaration of an exported symbol; empty for the body of an overloaded function. */
export function declarationText(declaration: ts.Declaration, checker: ts.TypeChecker): string {
  if (ts.isFunctionDeclaration(declaration)) return functionText(declaration, checker);
  if (ts.isClassDeclaration(declaration)) return classText(declaration, checker);
  if (ts.isVariableDeclaration(declaration)) {
    const type = declaration.type?.getText() ?? typeText(declaration, checker);
    return `const ${declaration.name.getText()}: ${type};`;
  }
  return declaration.getText().replace(/^export (?:declare )?/, '');
}

/** Names of the types that a declaration refers to, in order, as symbols of where they are declared. */
export function referredTypes(declaration: ts.Declaration, checker: ts.TypeChecker): ts.Symbol[] {
  const found = new Set<ts.Symbol>();
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node) || (ts.isVariableDeclaration(node.parent) && node === node.parent.initializer))
      return;
    if (
      ts.isIdentifier(node) &&
      (ts.isTypeReferenceNode(node.parent) || ts.isExpressionWithTypeArguments(node.parent))
    ) {
      const symbol = checker.getSymbolAtLocation(node);
      if (symbol) found.add(resolveAlias(symbol, checker));
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(declaration, visit);
  return [...found];
}

/** What a name that was imported or exported again stands for. */
export function resolveAlias(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function functionText(declaration: ts.FunctionDeclaration, checker: ts.TypeChecker): string {
  const { symbol } = declaration as unknown as { symbol: ts.Symbol };
  const overloaded = (symbol.declarations?.length ?? 1) > 1;
  if (overloaded && declaration.body) return '';
  return headText(declaration, checker).replace(/^export (?:async )?/, '');
}

function classText(declaration: ts.ClassDeclaration, checker: ts.TypeChecker): string {
  const [start, members] = [declaration.getStart(), declaration.members];
  const head = declaration
    .getSourceFile()
    .text.slice(start, members.pos)
    .replace(/^export /, '');
  const shown = members.filter(
    (member) =>
      (ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) === 0 &&
      !(member.name && ts.isPrivateIdentifier(member.name)),
  );
  const texts = shown.map((member) => {
    const comments = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
    return [...comments.map((comment) => comment.getText()), headText(member, checker)].join('\n');
  });
  return `${head}\n${texts.join('\n')}\n}`;
}

/** A declaration up to its body or value, its type written out. */
function headText(declaration: ts.Declaration, checker: ts.TypeChecker): string {
  const { body, initializer, type } = declaration as {
    body?: ts.Node;
    initializer?: ts.Node;
    type?: ts.Node;
  };
  const source = declaration.getSourceFile().text;
  const end = body?.getFullStart() ?? initializer?.getFullStart() ?? declaration.getEnd();
  const head = source
    .slice(declaration.getStart(), end)
    .trim()
    .replace(/(?:[\s=]|;)+$/, '')
    .replace(/^async /, '');
  if (type !== undefined || ts.isConstructorDeclaration(declaration)) return `${head};`;
  const signature = ts.isFunctionLike(declaration) && checker.getSignatureFromDeclaration(declaration);
  const told = signature
    ? checker.typeToString(checker.getReturnTypeOfSignature(signature), declaration, typeFormat)
    : typeText(declaration, checker);
  return `${head}: ${told};`;
}

function typeText(declaration: ts.Declaration, checker: ts.TypeChecker): string {
  return checker.typeToString(checker.getTypeAtLocation(declaration), declaration, typeFormat);
}
