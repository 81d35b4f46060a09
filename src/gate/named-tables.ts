/**
 * The tables that a statement names, from its syntax tree alone: for one that cannot be planned. Whoever has no right to a table is told that, and not whether it or its
 * columns exist. Names of common table expressions are among them: more than is meant does no harm, as no more than an error depends on it.
 */
import type { Statement } from '../sql/ast.ts';
import { isVirtualDatabase } from '../sql/information-schema/virtual-tables.ts';
import type { TableUse } from './statement-facts.ts';

/** `tree`: a statement, or a part of one. `database`: the session's. Of each table no more is asked than to read it. */
export function namedTables(tree: object, database: string | null): TableUse[] {
  const uses: TableUse[] = [];
  visit(tree, (named) => {
    const of = named.database ?? database;
    if (of !== null && !isVirtualDatabase(of)) uses.push({ database: of, table: named.name, access: 'read' });
  });
  return [...uses, ...namedDatabase(tree as Partial<Statement>)];
}

interface Named {
  readonly name: string;
  readonly database?: string | undefined;
}

function namedDatabase(statement: Partial<Statement>): TableUse[] {
  if (statement.kind !== 'create-database' && statement.kind !== 'drop-database') return [];
  return [{ database: statement.name ?? '', table: '*', access: 'admin' }];
}

function visit(node: object, found: (named: Named) => void): void {
  if (isNamed(node)) {
    found(node);
    return;
  }
  for (const part of Object.values(node)) if (typeof part === 'object' && part !== null) visit(part, found);
}

/** Nothing but names of tables (TableName) has just these. */
function isNamed(node: object): node is Named {
  const keys = Object.keys(node);
  return keys.includes('name') && keys.every((key) => key === 'name' || key === 'database') && hasText(node as Named);
}

function hasText({ name, database }: Named): boolean {
  return typeof name === 'string' && (database === undefined || typeof database === 'string');
}
