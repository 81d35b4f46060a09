/** Name resolution: which columns a query level offers, and the levels around it. Source: MySQL manual, "Identifier Qualifiers". */
import { failure } from '../../errors.ts';
import type { ColumnReference } from '../ast.ts';
import type { ResultColumn } from '../result-column.ts';
import type { Term } from './term.ts';

export interface ScopeColumn {
  readonly name: string;
  readonly term: Term;
  /** For the wire's metadata. */
  readonly origin: Omit<ResultColumn, 'name' | 'type' | 'nullable'>;
}

/** A table, derived table or common table in FROM. */
export interface ScopeSource {
  readonly alias: string;
  readonly database: string | null;
  readonly columns: readonly ScopeColumn[];
}

export class Scope {
  readonly parent: Scope | null;
  readonly sources: ScopeSource[] = [];
  /** Columns joined by USING or NATURAL: one name stands for both sides. Lower-case names, in order. */
  readonly merged = new Map<string, ScopeColumn>();
  /** The sources in the order that `*` shows them; NATURAL and USING show the right side of a RIGHT JOIN first. */
  readonly starOrder: number[] = [];
  /** Select-list aliases, visible to HAVING, GROUP BY and ORDER BY. */
  readonly aliases = new Map<string, Term>();
  /** UPDATE's SET: columns already assigned read their new value. */
  readonly overrides = new Map<string, Term>();

  constructor(parent: Scope | null) {
    this.parent = parent;
  }

  addSource(source: ScopeSource): void {
    const alias = source.alias.toLowerCase();
    if (
      this.sources.some(
        (other) => other.alias.toLowerCase() === alias && (other.database ?? '') === (source.database ?? ''),
      )
    ) {
      throw failure('ER_NONUNIQ_TABLE', source.alias);
    }
    this.starOrder.push(this.sources.length);
    this.sources.push(source);
  }

  /** The column that `reference` names here or in a level around. Throws 1054 and 1052; `clause` is for the message. */
  resolve(reference: ColumnReference, clause: string): ScopeColumn {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const found = scope.#find(reference, clause);
      if (found !== null) return found;
    }
    throw failure('ER_BAD_FIELD_ERROR', qualified(reference), clause);
  }

  /** The column at this level alone; null when there is none. */
  local(reference: ColumnReference): ScopeColumn | null {
    return this.#find(reference, 'field list');
  }

  #find(reference: ColumnReference, clause: string): ScopeColumn | null {
    const name = reference.name.toLowerCase();
    if (reference.table === undefined) {
      const merged = this.merged.get(name);
      if (merged !== undefined) return this.#overridden(merged);
    }
    let found: ScopeColumn | null = null;
    for (const source of this.sources) {
      if (!matches(source, reference)) continue;
      const column = source.columns.find((candidate) => candidate.name.toLowerCase() === name);
      if (column === undefined) continue;
      if (found !== null) throw failure('ER_NON_UNIQ_ERROR', qualified(reference), clause);
      found = column;
    }
    return found === null ? null : this.#overridden(found);
  }

  #overridden(column: ScopeColumn): ScopeColumn {
    const term = this.overrides.get(column.name.toLowerCase());
    return term === undefined ? column : { ...column, term };
  }

  /** Whether this level itself has the unqualified name. */
  has(name: string): boolean {
    const lower = name.toLowerCase();
    return this.sources.some((source) => source.columns.some((column) => column.name.toLowerCase() === lower));
  }

  /** The sources that `t.*` or `*` stands for. */
  expand(table: string | undefined, database: string | undefined): readonly ScopeSource[] {
    if (table === undefined) return this.starOrder.map((index) => this.sources[index] as ScopeSource);
    const source = this.sources.filter((candidate) =>
      matches(candidate, { kind: 'column', name: '*', table, ...(database !== undefined && { database }) }),
    );
    if (source.length === 0) throw failure('ER_BAD_TABLE_ERROR', table);
    return source;
  }
}

function matches(source: ScopeSource, reference: ColumnReference): boolean {
  if (reference.table === undefined) return true;
  if (source.alias.toLowerCase() !== reference.table.toLowerCase()) return false;
  return reference.database === undefined || source.database?.toLowerCase() === reference.database.toLowerCase();
}

function qualified(reference: ColumnReference): string {
  return [reference.database, reference.table, reference.name].filter((part) => part !== undefined).join('.');
}

export const NO_ORIGIN: ScopeColumn['origin'] = {
  database: '',
  table: '',
  originalTable: '',
  originalName: '',
  primaryKey: false,
  uniqueKey: false,
  multipleKey: false,
  autoIncrement: false,
};
