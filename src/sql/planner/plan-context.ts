/**
 * What one planning knows: the catalog, the session's settings, the slots' types. It collects what the plan will need: parameters, the tables
 * read, and the slots whose *value* (not only type) the plan depends on.
 */
import { failure } from '../../errors.ts';
import type { Catalog } from '../../stores/catalog.ts';
import type { TableDefinition } from '../../stores/schema.ts';
import type { SlotType, SlotValue } from '../slots.ts';
import type { VariableValue } from '../variables/variable.ts';
import type { ParameterSource } from './term.ts';

/** The parts of a session that a plan depends on; two sessions with equal settings share plans. */
export interface PlanSettings {
  readonly database: string | null;
  /** Strict assignment (STRICT_TRANS_TABLES or STRICT_ALL_TABLES). */
  readonly strict: boolean;
  readonly noZeroAutoValue: boolean;
  /** Every column of a grouped query must be decided by its groups. */
  readonly onlyFullGroupBy: boolean;
  readonly errorForDivisionByZero: boolean;
  /** Minutes east of UTC of the session's time zone, at the statement's time. */
  readonly offsetMinutes: number;
  readonly ansiQuotes: boolean;
  readonly noBackslashEscapes: boolean;
  readonly pipesAsConcat: boolean;
}

export class PlanContext {
  readonly catalog: Catalog;
  readonly settings: PlanSettings;
  readonly parameters: ParameterSource[] = [];
  readonly tables = new Set<TableDefinition>();
  /** Slots whose value is part of the plan (ORDER BY 2, ROUND(x, 2)). */
  readonly pins = new Map<number, SlotValue>();
  /** Reads a system variable's type and value at planning, for @@name's type only. */
  readonly variableSample: (name: string, scope?: 'global' | 'session') => VariableValue;
  readonly #slots: readonly SlotValue[];
  readonly #literals: readonly boolean[];
  /** Slots are literals of a stored text (a DEFAULT or CHECK expression), not of the running statement. */
  readonly fixedSlots: boolean = false;
  /** Text that differs from row to row: values are then converted for each row found, not once before any is. */
  rowMark: string | null = null;
  /** INSERT IGNORE: values are bent to fit, with warnings, whatever the session's mode. */
  ignoresErrors = false;
  /** Values are being assigned: an INSERT, REPLACE or UPDATE. */
  assigns = false;
  /** Division by zero fails, as in a strict INSERT or UPDATE; elsewhere it gives NULL. */
  zeroDivisionFails = false;
  #depth = 0;
  #aliases = 0;

  constructor(
    catalog: Catalog,
    settings: PlanSettings,
    slots: readonly SlotValue[],
    literals: readonly boolean[],
    variableSample: (name: string, scope?: 'global' | 'session') => VariableValue,
  ) {
    this.catalog = catalog;
    this.settings = settings;
    this.variableSample = variableSample;
    this.#slots = slots;
    this.#literals = literals;
  }

  /** Values that do not fit are errors. */
  get strict(): boolean {
    return this.settings.strict && !this.ignoresErrors;
  }

  /** What INSERT, REPLACE and UPDATE assign is judged more strictly than what SELECT shows. */
  beginAssigning(ignoresErrors: boolean): void {
    this.assigns = true;
    this.ignoresErrors = ignoresErrors;
    this.zeroDivisionFails = this.strict && this.settings.errorForDivisionByZero;
  }

  slotType(index: number): SlotType {
    return this.#slot(index).type;
  }

  /** Written in the text, rather than given as a parameter. */
  isLiteral(index: number): boolean {
    return this.#literals[index] ?? false;
  }

  /** The slot's value; from now on the plan holds for this value only. */
  pin(index: number): SlotValue {
    const value = this.#slot(index);
    this.pins.set(index, value);
    return value;
  }

  /** The values of this execution, for DDL, which is never kept. */
  allSlots(): readonly SlotValue[] {
    return this.#slots;
  }

  #slot(index: number): SlotValue {
    const slot = this.#slots[index];
    if (slot === undefined) throw failure('ER_BAD_PARAMETER', `Parameter ${index + 1} of the statement has no value`);
    return slot;
  }

  /** Registers a parameter and gives its place in SQLite's text. */
  parameter(source: ParameterSource): string {
    this.parameters.push(source);
    return `?${this.parameters.length}`;
  }

  requireDatabase(named: string | undefined): string {
    const database = named ?? this.settings.database;
    if (database === null) throw failure('ER_NO_DB_ERROR');
    return database;
  }

  requireTable(database: string | undefined, name: string): TableDefinition {
    const db = this.requireDatabase(database);
    const table = this.catalog.table(db, name);
    if (table === undefined && this.catalog.database(db) === undefined) throw failure('ER_BAD_DB_ERROR', db);
    if (table === undefined) throw failure('ER_NO_SUCH_TABLE', db, name);
    this.tables.add(table);
    return table;
  }

  /** The table that a statement is to change. Throws 1288 for one that only the server writes. */
  requireWritable(database: string | undefined, name: string, statement: string): TableDefinition {
    const table = this.requireTable(database, name);
    if (table.system === 'readable') throw failure('ER_NON_UPDATABLE_TABLE', table.name, statement);
    return table;
  }

  /** An alias that no user's name equals. */
  freshAlias(): string {
    this.#aliases++;
    return `_sluice_${this.#aliases}`;
  }

  /** For planning the same statement in another way. */
  fresh(): PlanContext {
    return new PlanContext(this.catalog, this.settings, this.#slots, this.#literals, this.variableSample);
  }

  /** Planning of a stored expression within this plan: its own slots, this plan's parameters. */
  forStoredText(slots: readonly SlotValue[]): PlanContext {
    const inner = new PlanContext(
      this.catalog,
      this.settings,
      slots,
      slots.map(() => true),
      this.variableSample,
    );
    inner.ignoresErrors = this.ignoresErrors;
    inner.rowMark = this.rowMark;
    inner.zeroDivisionFails = this.zeroDivisionFails;
    return Object.defineProperties(inner, { parameters: { value: this.parameters }, fixedSlots: { value: true } });
  }

  /** Guards recursion over nested queries. */
  nested<T>(work: () => T): T {
    if (++this.#depth > 60) throw failure('ER_NOT_SUPPORTED_YET', 'more than 60 levels of nested queries');
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }
}

/**
 * Drops the parameters that the final text does not use (a branch that was bound and then not needed) and renumbers the rest.
 */
export function compactParameters(
  sql: string,
  sources: readonly ParameterSource[],
): { sql: string; sources: ParameterSource[] } {
  const places = new Map<number, number>();
  const used: ParameterSource[] = [];
  const text = sql.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'|\?(\d+)/g, (token, digits: string | undefined) => {
    if (digits === undefined) return token;
    const old = Number(digits);
    let place = places.get(old);
    if (place === undefined) {
      used.push(sources[old - 1] as ParameterSource);
      place = used.length;
      places.set(old, place);
    }
    return `?${place}`;
  });
  return { sql: text, sources: used };
}
