/** A TCSQL command, read and checked as far as that goes without the table. See docs/lists.md, "Protocol". */
import { failure } from '../errors.ts';
import type { ListCommand } from './command.ts';
import { type Condition, parseWhere } from './condition.ts';
import { type ListObject, parseObjects } from './objects.ts';
import { type IndexRequest, parseIndexRequest } from './set-index.ts';

export type SortName = 'STRASC' | 'STRDESC' | 'NUMASC' | 'NUMDESC';

export interface SortItem {
  readonly field: string;
  readonly sort: SortName;
}

/** Which rows, in which order, from where to where. */
export interface Selection {
  readonly where: readonly Condition[];
  /** At most MAX_SORT_FIELDS; empty: by primary key. */
  readonly order: readonly SortItem[];
  readonly skip: number;
  /** null: no limit. */
  readonly max: number | null;
}

export type ListRequest =
  | {
      readonly command: 'select';
      readonly table: string;
      readonly count: boolean;
      readonly selection: Selection;
      readonly explain: boolean;
    }
  | { readonly command: 'get'; readonly table: string; readonly pkey: string }
  /** `many`: the body was an array. */
  | {
      readonly command: 'insert';
      readonly table: string;
      readonly objects: readonly ListObject[];
      readonly many: boolean;
    }
  | { readonly command: 'update'; readonly table: string; readonly selection: Selection; readonly values: ListObject }
  | { readonly command: 'delete'; readonly table: string; readonly selection: Selection }
  | ({ readonly command: 'setindex'; readonly table: string } & IndexRequest)
  | { readonly command: 'tables' }
  | { readonly command: 'stat'; readonly table: string };

type ParameterName =
  | 'command'
  | 'type'
  | 'where'
  | 'order_by'
  | 'order_sort'
  | 'limit_skip'
  | 'limit_max'
  | 'field'
  | 'table'
  | 'explain'
  | 'pkey'
  | 'count';

type Parameters = { [name in ParameterName]: string | undefined };

const SELECTION: readonly ParameterName[] = ['where', 'order_by', 'order_sort', 'limit_skip', 'limit_max'];

/** What each command takes, besides `command` and `table`. */
const ALLOWED: Readonly<Record<string, ReadonlySet<ParameterName>>> = {
  select: new Set(['type', 'explain', ...SELECTION]),
  count: new Set(['type', 'explain', ...SELECTION]),
  update: new Set(['type', ...SELECTION]),
  delete: new Set(['type', ...SELECTION]),
  insert: new Set<ParameterName>(),
  setindex: new Set<ParameterName>(['field', 'type']),
  get: new Set<ParameterName>(['pkey']),
  tables: new Set<ParameterName>(),
  stat: new Set<ParameterName>(),
};

/** Throws ER_BAD_PARAMETER, naming the part that is wrong. A request without `table` means `defaultTable`. */
export function parseListCommand(command: ListCommand, defaultTable: string): ListRequest {
  const parameters = readParameters(command);
  const name = parameters.command;
  if (name === undefined) throw bad(`command is missing; there are ${Object.keys(ALLOWED).join(', ')}`);
  const allowed = Object.hasOwn(ALLOWED, name) ? ALLOWED[name] : undefined;
  if (allowed === undefined)
    throw bad(`command: unknown '${short(name)}'; there are ${Object.keys(ALLOWED).join(', ')}`);
  checkAllowed(command, name, allowed);
  const table = parameters.table ?? defaultTable;
  switch (name) {
    case 'select':
    case 'count':
      return {
        command: 'select',
        table,
        count: readCount(name, parameters.type),
        selection: readSelection(parameters),
        explain: readFlag('explain', parameters.explain),
      };
    case 'insert':
      return { command: 'insert', table, ...parseObjects(command) };
    case 'update':
      return readUpdate(command, table, parameters);
    case 'delete':
      return readDelete(table, parameters);
    case 'get':
      if (parameters.pkey === undefined) throw bad('pkey is missing');
      return { command: 'get', table, pkey: parameters.pkey };
    case 'setindex':
      return { command: 'setindex', table, ...parseIndexRequest(parameters.field, parameters.type) };
    case 'tables':
      return { command: 'tables' };
    default:
      return { command: 'stat', table };
  }
}

function checkAllowed(command: ListCommand, name: string, allowed: ReadonlySet<ParameterName>): void {
  for (const [given] of command.parameters) {
    if (given !== 'command' && given !== 'table' && given !== '_' && !allowed.has(given as ParameterName))
      throw bad(`${given}: ${name} does not take it`);
  }
}

/** A page as `/v1/lists` asks for it. */
export interface PageRequest {
  readonly table: string;
  readonly selection: Selection;
  readonly count: boolean;
}

const PAGE_PARAMETERS: ReadonlySet<ParameterName> = new Set(['count', ...SELECTION]);

/** Throws as parseListCommand() does. */
export function parsePage(command: ListCommand): PageRequest {
  const parameters = readParameters(command);
  if (parameters.command !== undefined) throw bad('command: a page does not take it');
  checkAllowed(command, 'a page', PAGE_PARAMETERS);
  if (parameters.table === undefined) throw bad('table is missing');
  const { count } = parameters;
  if (count !== undefined && count !== 'true' && count !== 'false')
    throw bad(`count: '${short(count)}' is neither true nor false`);
  return { table: parameters.table, selection: readSelection(parameters), count: count === 'true' };
}

/** One object of one shape, its names written out: keyed writes made this half of the time that reading a command took. */
function readParameters(command: ListCommand): Parameters {
  const parameters: Parameters = {
    command: undefined,
    type: undefined,
    where: undefined,
    order_by: undefined,
    order_sort: undefined,
    limit_skip: undefined,
    limit_max: undefined,
    field: undefined,
    table: undefined,
    explain: undefined,
    pkey: undefined,
    count: undefined,
  };
  for (const [name, value] of command.parameters) {
    switch (name) {
      case 'command':
        parameters.command = once(name, parameters.command, value);
        break;
      case 'type':
        parameters.type = once(name, parameters.type, value);
        break;
      case 'where':
        parameters.where = once(name, parameters.where, value);
        break;
      case 'order_by':
        parameters.order_by = once(name, parameters.order_by, value);
        break;
      case 'order_sort':
        parameters.order_sort = once(name, parameters.order_sort, value);
        break;
      case 'limit_skip':
        parameters.limit_skip = once(name, parameters.limit_skip, value);
        break;
      case 'limit_max':
        parameters.limit_max = once(name, parameters.limit_max, value);
        break;
      case 'field':
        parameters.field = once(name, parameters.field, value);
        break;
      case 'table':
        parameters.table = once(name, parameters.table, value);
        break;
      case 'explain':
        parameters.explain = once(name, parameters.explain, value);
        break;
      case 'pkey':
        parameters.pkey = once(name, parameters.pkey, value);
        break;
      case 'count':
        parameters.count = once(name, parameters.count, value);
        break;
      case '_':
        // What browsers' libraries add to get past a cache.
        break;
      default:
        throw bad(`unknown parameter '${short(name)}'`);
    }
  }
  return parameters;
}

function once(name: ParameterName, before: string | undefined, value: string): string {
  if (before !== undefined) throw bad(`${name} is given twice`);
  return value;
}

function readCount(command: string, type: string | undefined): boolean {
  if (command === 'count') {
    if (type !== undefined && type !== 'count') throw bad(`type: '${short(type)}' with command=count; leave it out`);
    return true;
  }
  if (type === undefined) throw bad('type is missing; it is * or count');
  if (type !== '*' && type !== 'count') throw bad(`type: '${short(type)}' is neither * nor count`);
  return type === 'count';
}

function readUpdate(command: ListCommand, table: string, parameters: Parameters): ListRequest {
  readAll(parameters.type);
  const { objects } = parseObjects(command);
  const [values] = objects;
  if (values === undefined || objects.length > 1) throw bad('body: update takes one JSON object');
  return { command: 'update', table, selection: readSelection(parameters), values };
}

function readDelete(table: string, parameters: Parameters): ListRequest {
  const all = readAll(parameters.type);
  const selection = readSelection(parameters);
  if (selection.where.length === 0 && !all) throw bad('where is missing; to delete every row give type=*');
  return { command: 'delete', table, selection };
}

function readAll(type: string | undefined): boolean {
  if (type !== undefined && type !== '*') throw bad(`type: '${short(type)}' is not *`);
  return type === '*';
}

function readSelection(parameters: Parameters): Selection {
  return {
    where: parseWhere(parameters.where ?? ''),
    order: readOrder(parameters.order_by, parameters.order_sort),
    skip: Math.max(0, readInteger('limit_skip', parameters.limit_skip) ?? 0),
    max: readMax(parameters.limit_max),
  };
}

const NO_ORDER: readonly SortItem[] = [];
const MAX_SORT_FIELDS = 3;

/** Empty values are none: clients send the whole URL with what they have. Several fields are separated by commas, as are their sorts. */
function readOrder(by: string | undefined, sorts: string | undefined): readonly SortItem[] {
  const sortNames = readSorts(sorts);
  if (by === undefined || by === '') {
    if (sortNames.length > 0) throw bad('order_sort is given without order_by');
    return NO_ORDER;
  }
  if (!by.includes(',') && sortNames.length < 2) return [{ field: by, sort: sortNames[0] ?? 'STRASC' }];
  const fields = by.split(',');
  if (fields.includes('')) throw bad(`order_by: '${short(by)}' has an empty field`);
  if (fields.length > MAX_SORT_FIELDS) throw bad(`order_by: more than ${MAX_SORT_FIELDS} fields`);
  if (sortNames.length > fields.length) throw bad('order_sort has more sorts than order_by has fields');
  return fields.map((field, i) => ({ field, sort: sortNames[i] ?? sortNames.at(-1) ?? 'STRASC' }));
}

function readSorts(sorts: string | undefined): SortName[] {
  return sorts === undefined || sorts === '' ? [] : sorts.split(',').map(readSort);
}

function readSort(sort: string): SortName {
  if (!isSortName(sort)) throw bad(`order_sort: '${short(sort)}' is none of STRASC, STRDESC, NUMASC, NUMDESC`);
  return sort;
}

function isSortName(name: string): name is SortName {
  return name === 'STRASC' || name === 'STRDESC' || name === 'NUMASC' || name === 'NUMDESC';
}

function readMax(text: string | undefined): number | null {
  const max = readInteger('limit_max', text);
  return max === undefined || max < 0 ? null : max;
}

function readInteger(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[+-]?[0-9]{1,400}$/.test(text)) throw bad(`${name}: '${short(text)}' is not an integer`);
  return Math.max(-1, Math.min(Number(text), Number.MAX_SAFE_INTEGER));
}

function readFlag(name: string, text: string | undefined): boolean {
  if (text === undefined || text === '0') return false;
  if (text !== '1') throw bad(`${name}: '${short(text)}' is neither 0 nor 1`);
  return true;
}

function bad(message: string): Error {
  return failure('ER_BAD_PARAMETER', message);
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
