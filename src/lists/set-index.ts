/** setindex: makes, optimises or drops the index of a field. What each kind seeks: docs/lists.md, "Indexes". */
import { failure } from '../errors.ts';
import type { ListIndexKind } from '../stores/schema.ts';
import type { SchemaChange } from '../stores/schema-change.ts';
import type { ListColumn, ListTable } from './columns.ts';
import type { ListPlan } from './plan.ts';

export const INDEX_TYPES = {
  lexical: 'TDBITLEXICAL',
  decimal: 'TDBITDECIMAL',
  token: 'TDBITTOKEN',
  qgram: 'TDBITQGRAM',
} as const satisfies Record<ListIndexKind, string>;

type IndexAction = Extract<SchemaChange, { kind: 'list-index' }>['action'];

export interface IndexRequest {
  readonly field: string;
  readonly action: IndexAction;
  /** An index that is there stays, and is an error. */
  readonly keep: boolean;
}

/** By the names and the numbers of Tokyo Cabinet's tctdb.h. */
const ACTIONS: Readonly<Record<string, IndexAction>> = {
  TDBITLEXICAL: 'lexical',
  TDBITDECIMAL: 'decimal',
  TDBITTOKEN: 'token',
  TDBITQGRAM: 'qgram',
  TDBITOPT: 'optimise',
  TDBITVOID: 'drop',
  0: 'lexical',
  1: 'decimal',
  2: 'token',
  3: 'qgram',
  9998: 'optimise',
  9999: 'drop',
};
const KEEP_BIT = 1 << 24;

/** Throws ER_BAD_PARAMETER. */
export function parseIndexRequest(field: string | undefined, type: string | undefined): IndexRequest {
  if (field === undefined || field === '') throw bad('field is missing');
  const names = 'TDBITLEXICAL, TDBITDECIMAL, TDBITTOKEN, TDBITQGRAM, TDBITOPT, TDBITVOID';
  if (type === undefined || type === '') throw bad(`type is missing; there are ${names}`);
  const { name, keep } = withoutKeep(type);
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) throw bad(`type: '${type.slice(0, 100)}' is unknown; there are ${names}`);
  return { field, action, keep };
}

/** TDBITKEEP may be added by bitwise or: `TDBITTOKEN|TDBITKEEP`, 16777218. */
function withoutKeep(type: string): { name: string; keep: boolean } {
  if (/^[0-9]{1,9}$/.test(type)) {
    const number = Number(type);
    return { name: String(number & ~KEEP_BIT), keep: (number & KEEP_BIT) !== 0 };
  }
  const name = type.replace(/\|TDBITKEEP$/, '');
  return { name, keep: name !== type };
}

export function planSetIndex(table: ListTable, { field, action, keep }: IndexRequest): ListPlan {
  const column = table.column(field, 'field');
  const done = '{"ok":true}';
  const isOfKey = column.listIndex === undefined && servesAsKey(column, action);
  if (keep && (isOfKey || column.listIndex !== undefined))
    throw bad(`field: '${field.slice(0, 100)}' has an index already, and TDBITKEEP keeps it`);
  if (isOfKey) {
    if (action === 'drop') throw bad(`field: '${field.slice(0, 100)}' is the primary key, whose index stays`);
    return { kind: 'answer', json: done };
  }
  const { database, name } = table.definition;
  return {
    kind: 'write',
    statement: {
      kind: 'schema',
      change: { kind: 'list-index', table: { database, name }, column: column.definition.name, action },
    },
    render: () => done,
  };
}

/** The primary key's own index does what is asked: it is in the order of the key's numbers, or of its bytes. */
function servesAsKey(column: ListColumn, action: IndexAction): boolean {
  if (!column.isKey) return false;
  switch (action) {
    case 'lexical':
      return column.isRowid || (column.isText && !column.nocase);
    case 'decimal':
      return column.numbers !== 'text';
    case 'optimise':
    case 'drop':
      return true;
    default:
      return false;
  }
}

function bad(message: string): Error {
  return failure('ER_BAD_PARAMETER', message);
}
