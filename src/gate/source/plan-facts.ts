/**
 * What the gate's protections know of a statement on its way to a source (../statement-facts.ts): its kind, as before the embedded store, and its tables.
 * Both depend on the session's database, and kinds on the keys that tables have, so a plan's facts are made for each database and each state of the schema.
 */
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import type { SourceSchema, SourceTable } from '../../stores/mysql/schema.ts';
import type { PlanFacts, PlanKind, TableUse } from '../statement-facts.ts';
import { dmlText } from './dml-text.ts';
import type { TokenFacts } from './token-facts.ts';

const DATABASES_MAX = 16;
/** What may use any table: an administrator's. */
const ANYTHING: TableUse = { database: '*', table: '*', access: 'admin' };

interface Kind {
  readonly kind: PlanKind;
  readonly reason: string;
}

export class PlacedFacts {
  readonly #facts: TokenFacts;
  readonly #fingerprint: string;
  /** Of an UPDATE or DELETE of one table: the columns that WHERE gives one value each, and nothing else. */
  readonly #point: readonly string[] | null;
  #schema: SourceSchema | null = null;
  #last: { readonly database: string | null; readonly facts: PlanFacts } | null = null;
  readonly #byDatabase = new Map<string | null, PlanFacts>();

  constructor(facts: TokenFacts, fingerprint: string, text: string, syntax: SyntaxOptions) {
    this.#facts = facts;
    this.#fingerprint = fingerprint;
    this.#point = facts.verb === 'UPDATE' || facts.verb === 'DELETE' ? pointOf(text, syntax) : null;
  }

  /** The same object as long as the schema is. */
  in(database: string | null, schema: SourceSchema): PlanFacts {
    if (schema !== this.#schema) {
      this.#schema = schema;
      this.#last = null;
      this.#byDatabase.clear();
    }
    if (this.#last?.database === database) return this.#last.facts;
    let facts = this.#byDatabase.get(database);
    if (facts === undefined) {
      if (this.#byDatabase.size >= DATABASES_MAX) this.#byDatabase.clear();
      facts = this.#make(database, schema);
      this.#byDatabase.set(database, facts);
    }
    this.#last = { database, facts };
    return facts;
  }

  #make(database: string | null, schema: SourceSchema): PlanFacts {
    const { tables, tablesAreAll } = this.#facts;
    const uses = tables.map((table) => ({
      database: table.database ?? database ?? '',
      table: table.name,
      access: table.access,
    }));
    const [only] = uses;
    const table = only === undefined || uses.length > 1 ? undefined : schema.table(only.database, only.table);
    return {
      ...kindOf(this.#facts, table, uses, this.#point),
      tables: tablesAreAll ? uses : [...uses, ANYTHING],
      fingerprint: this.#fingerprint,
    };
  }
}

function pointOf(text: string, syntax: SyntaxOptions): readonly string[] | null {
  const dml = dmlText(text, syntax);
  if (dml === null || dml.kind === 'insert' || dml.equals === null) return null;
  const isPoint = [...dml.equals.values()].every((values) => values.length === 1);
  return isPoint ? [...dml.equals.keys()] : null;
}

function kindOf(
  facts: TokenFacts,
  table: SourceTable | undefined,
  uses: readonly TableUse[],
  point: readonly string[] | null,
): Kind {
  switch (facts.kind) {
    case 'select':
      return readKind(facts, table, uses);
    case 'write':
      return writeKind(facts, table, point);
    case 'ddl':
      return { kind: 'ddl', reason: facts.verb.toLowerCase() };
    case 'set':
      return { kind: 'set', reason: '' };
    case 'show':
    case 'processlist':
    case 'warnings':
      return isExplain(facts)
        ? { kind: 'other', reason: 'explain' }
        : { kind: 'show', reason: facts.verb.toLowerCase() };
    default:
      return { kind: 'other', reason: facts.verb.toLowerCase() };
  }
}

/** EXPLAIN of a statement, not DESCRIBE of a table. */
function isExplain({ verb, explainsStatement }: TokenFacts): boolean {
  return verb !== 'SHOW' && explainsStatement;
}

function readKind(
  { shape, locksRows, calculatesFoundRows, unsure }: TokenFacts,
  table: SourceTable | undefined,
  uses: readonly TableUse[],
): Kind {
  if (unsure === null && uses.every(({ database }) => database.toLowerCase() === 'information_schema'))
    return { kind: 'other', reason: 'reads no stored table' };
  if (shape === null || uses.length !== 1) return { kind: 'scan', reason: 'several tables, or more than one SELECT' };
  const { equals, onlyConditions, isPlain, counts, isOrdered, hasLimit } = shape;
  const isUnique = (key: readonly string[]): boolean =>
    key.length > 0 && key.every((name) => equals.has(name.toLowerCase()));
  if (table !== undefined && [table.primaryKey, ...table.uniqueKeys].some(isUnique))
    return { kind: 'unique-lookup', reason: 'a unique key is given' };
  if (table?.primaryKey.length === 1 && onlyConditions && !locksRows && !calculatesFoundRows) {
    if (counts && !hasLimit) return { kind: 'list', reason: 'counts the rows of one table' };
    if (isPlain && isOrdered) return { kind: 'list', reason: 'rows of one table, ordered' };
  }
  return { kind: 'scan', reason: isPlain ? 'no unique key is given' : 'groups, or computes over rows' };
}

function writeKind(
  { verb, isUpsert, insertsQuery }: TokenFacts,
  table: SourceTable | undefined,
  point: readonly string[] | null,
): Kind {
  if (verb === 'INSERT' || verb === 'REPLACE')
    return { kind: isUpsert ? 'upsert' : 'insert', reason: insertsQuery ? 'rows of a query' : 'rows that are given' };
  if (verb === 'LOAD') return { kind: 'insert', reason: 'rows of a file' };
  // SELECT ... INTO
  if (verb === 'SELECT') return { kind: 'scan', reason: 'puts rows elsewhere' };
  const key = table?.primaryKey ?? [];
  const isByKey =
    point !== null &&
    key.length > 0 &&
    point.length === key.length &&
    key.every((name) => point.includes(name.toLowerCase()));
  return isByKey
    ? { kind: 'dml-by-key', reason: 'the primary key is given' }
    : { kind: 'dml-by-subquery', reason: 'rows are chosen by more than the primary key' };
}
