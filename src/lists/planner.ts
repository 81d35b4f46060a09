/**
 * Lists: TCSQL's commands over tables with and without a schema.
 *
 * A command goes: parseListCommand() reads and checks it; ListPlanner.plan() finds the table in the catalog and makes a ListPlan; the gate
 * runs that where it belongs and hands the rows or the result to the plan's render(). What an operator means is in operators/,
 * its SQLite text in condition-sql.ts; the functions that text calls, in store-functions.ts, must be registered in every process
 * that opens the store.
 */
import { failure } from '../errors.ts';
import type { Catalog } from '../stores/catalog.ts';
import type { TableDefinition } from '../stores/schema.ts';
import type { TableName } from '../stores/schema-change.ts';
import { jsonString } from '../util/json-text.ts';
import { type ListTable, listTable } from './columns.ts';
import type { ListCommand } from './command.ts';
import { type CutQuery, cutQuery } from './cut-query.ts';
import { PKEY } from './fields.ts';
import { isUnusableName, planInsert } from './insert.ts';
import type { KeptState } from './kept/explain.ts';
import type { ListQuery } from './kept/list-query.ts';
import type { ListStatistics } from './kept/table-lists.ts';
import { planDelete, planUpdate } from './modify.ts';
import { type PagePlan, TablePages } from './pages.ts';
import type { ListPlan } from './plan.ts';
import { type ListRequest, parseListCommand, parsePage, type Selection } from './request.ts';
import { SelectTemplates, selectTemplate } from './select-templates.ts';
import { planSetIndex } from './set-index.ts';
import { describeTables, planStat } from './status.ts';
import { readDefaultTable, readTableName } from './table-name.ts';
import { TableReads } from './table-reads.ts';
import { TableShapes } from './table-shapes.ts';
import type { ValueForms } from './value-forms.ts';

export interface ListPlannerOptions {
  readonly forms: ValueForms;
  /** `db.t`: the table of a request without `table`; config `tcsql_table`. */
  readonly defaultTable: string;
  /** What is kept of a table, for `stat`. */
  readonly keptOf?: (table: TableDefinition) => readonly ListStatistics[];
  /** What would answer a query before the store is asked, for explain=1. */
  readonly explainKept?: (query: ListQuery) => KeptState | null;
  /** A result beyond it fails with SLUICE_ROW_LIMIT; it may be another one each time. Infinity: none. */
  readonly maxRows: () => number;
}

interface PreparedTable {
  readonly table: ListTable;
  readonly shapes: TableShapes;
  readonly reads: TableReads;
  readonly pages: TablePages;
}

export class ListPlanner {
  readonly #options: ListPlannerOptions;
  readonly #defaultDatabase: string;
  readonly #defaultName: TableName;
  /** A changed table is a new definition. */
  readonly #prepared = new WeakMap<TableDefinition, PreparedTable>();
  readonly #templates = new SelectTemplates();

  constructor(options: ListPlannerOptions) {
    this.#options = options;
    this.#defaultName = readDefaultTable(options.defaultTable);
    this.#defaultDatabase = this.#defaultName.database;
  }

  /** Throws what is wrong with the command; nothing has been done then. */
  plan(command: ListCommand, catalog: Catalog): ListPlan {
    const cut = command.query === undefined ? null : cutQuery(command.query);
    const known = cut === null ? undefined : this.#templates.find(cut.key, catalog);
    if (cut !== null && known !== undefined) return known.plan(cut);
    const request = parseListCommand(command, this.#options.defaultTable);
    const plan = this.#planRequest(request, catalog);
    if (cut !== null && plan.kind === 'read' && request.command === 'select' && !request.explain)
      this.#keepTemplate(cut, request, catalog);
    return plan;
  }

  #keepTemplate(cut: CutQuery, request: Extract<ListRequest, { command: 'select' }>, catalog: Catalog): void {
    const { database, name } = this.#tableName(request.table);
    const definition = catalog.table(database, name);
    if (definition === undefined) return;
    const template = selectTemplate(this.#prepare(definition).reads, request, cut);
    if (template !== null) this.#templates.keep(cut.key, catalog, template);
  }

  #planRequest(request: ListRequest, catalog: Catalog): ListPlan {
    if (request.command === 'tables') return { kind: 'answer', json: describeTables(catalog) };
    const name = this.#tableName(request.table);
    const definition = catalog.table(name.database, name.name);
    if (definition === undefined) return this.#withoutTable(request, name, catalog);
    const { table, shapes, reads } = this.#prepare(definition);
    switch (request.command) {
      case 'select':
        return reads.select(request);
      case 'get':
        return reads.select({ ...request, selection: keySelection(request.pkey), count: false, explain: false });
      case 'insert':
        return planInsert(table, request);
      case 'update':
        if (definition.system !== undefined) throw failure('ER_NON_UPDATABLE_TABLE', definition.name, 'update');
        return planUpdate(table, shapes, request, this.#options.forms);
      case 'delete':
        if (definition.system === 'readable') throw failure('ER_NON_UPDATABLE_TABLE', definition.name, 'delete');
        return planDelete(table, shapes, request);
      case 'setindex':
        return planSetIndex(table, request);
      case 'stat':
        return planStat(table, this.#options.keptOf?.(definition) ?? []);
    }
  }

  /** What a command is about, without a plan of it. Throws what is wrong with the command. */
  aim(command: ListCommand): { readonly command: string; readonly table: TableName | null } {
    const request = parseListCommand(command, this.#options.defaultTable);
    return { command: request.command, table: request.command === 'tables' ? null : this.#tableName(request.table) };
  }

  /** The same for a page. */
  aimOfPage(command: ListCommand): TableName {
    return this.#tableName(parsePage(command).table);
  }

  /** A page as typed JSON. Throws as plan() does. */
  page(command: ListCommand, catalog: Catalog): PagePlan {
    const request = parsePage(command);
    const { database, name } = this.#tableName(request.table);
    const definition = catalog.table(database, name);
    if (definition === undefined) throw failure('ER_NO_SUCH_TABLE', database, name);
    return this.#prepare(definition).pages.plan(request);
  }

  #prepare(definition: TableDefinition): PreparedTable {
    let prepared = this.#prepared.get(definition);
    if (prepared === undefined) {
      const { forms, maxRows, explainKept } = this.#options;
      const table = listTable(definition, forms.textFormatter);
      const shapes = new TableShapes(table);
      const pages = new TablePages(table, shapes, forms, maxRows);
      prepared = { table, shapes, reads: new TableReads(table, shapes, maxRows, explainKept ?? (() => null)), pages };
      this.#prepared.set(definition, prepared);
    }
    return prepared;
  }

  /** `db.t`, or `t` in the default table's database. */
  #tableName(text: string): TableName {
    if (text === this.#options.defaultTable) return this.#defaultName;
    return readTableName(text, this.#defaultDatabase);
  }

  /** The first insert makes the table. Until then the default table is there and empty, as TCSQL's only table was; others are unknown. */
  #withoutTable(request: Exclude<ListRequest, { command: 'tables' }>, name: TableName, catalog: Catalog): ListPlan {
    if (request.command === 'insert') return this.#firstInsert(request, name, catalog);
    const isDefault = `${name.database}.${name.name}`.toLowerCase() === this.#options.defaultTable.toLowerCase();
    if (!isDefault) throw failure('ER_NO_SUCH_TABLE', name.database, name.name);
    if (request.command === 'select') return { kind: 'answer', json: request.count ? '0' : '[]' };
    if (request.command === 'get') return { kind: 'answer', json: '[]' };
    if (request.command === 'stat' || request.command === 'setindex')
      throw failure('ER_NO_SUCH_TABLE', name.database, name.name);
    return { kind: 'answer', json: '{"ok":true,"affected":0}' };
  }

  #firstInsert(request: Extract<ListRequest, { command: 'insert' }>, name: TableName, catalog: Catalog): ListPlan {
    const hasDatabase = catalog.database(name.database) !== undefined;
    if (!hasDatabase && name.database.toLowerCase() !== this.#defaultDatabase.toLowerCase())
      throw failure('ER_BAD_DB_ERROR', name.database);
    if (isUnusableName(name.name))
      throw failure('ER_BAD_PARAMETER', `table: ${jsonString(name.name)} cannot be the name of a table`);
    const table = listTable(emptyTable(name), this.#options.forms.textFormatter);
    // Planned first in any case: what is wrong with the body must not leave a database behind.
    const plan = planInsert(table, request, true);
    if (hasDatabase) return plan;
    const database = { name: name.database, collation: DEFAULT_COLLATION };
    return { kind: 'schema', statement: { kind: 'schema', change: { kind: 'create-database', database } } };
  }
}

const DEFAULT_COLLATION = 'utf8mb4_0900_ai_ci';

/** A table without a schema, before its first field. */
function emptyTable(name: TableName): TableDefinition {
  return {
    ...name,
    kind: 'schemaless',
    columns: [{ name: PKEY, type: { name: 'bigint' }, nullable: false, autoIncrement: true }],
    primaryKey: [PKEY],
    indexes: [],
    foreignKeys: [],
    checks: [],
    collation: 'utf8mb4_bin',
    createdAt: new Date().toISOString(),
  };
}

function keySelection(pkey: string): Selection {
  return { where: [{ field: PKEY, operator: 'STREQ', negated: false, operand: pkey }], order: [], skip: 0, max: 1 };
}
