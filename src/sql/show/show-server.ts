/** SHOW of what the server is, has and counts. */
import { failure } from '../../errors.ts';
import type { ShowAst } from '../ast.ts';
import type { ExecutionContext } from '../context.ts';
import {
  bigint,
  bigintUnsigned,
  int,
  intUnsigned,
  longText,
  type NamedRow,
  nullable,
  text,
  type VirtualColumn,
} from '../information-schema/define.ts';
import {
  characterSetsTable,
  collationsTable,
  enginesTable,
  pluginsTable,
} from '../information-schema/server-tables.ts';
import { statusRows, variableRows } from '../information-schema/session-tables.ts';
import type { VirtualTable } from '../virtual-table.ts';
import { quotingOf } from './quoting.ts';
import { likePattern, type ShowMaker, showResult } from './show-result.ts';

export function showVariables(ast: ShowAst, context: ExecutionContext): VirtualTable {
  return namesAndValues(variableRows(context, ast.scope ?? 'session'), likePattern(ast, context));
}

export function showStatus(ast: ShowAst, context: ExecutionContext): VirtualTable {
  return namesAndValues(statusRows(context), likePattern(ast, context));
}

function namesAndValues(rows: Iterable<NamedRow>, pattern: string | null): VirtualTable {
  const named = Array.from(rows, (row) => ({
    Variable_name: row.VARIABLE_NAME ?? null,
    Value: row.VARIABLE_VALUE ?? null,
  }));
  const columns = [text('Variable_name'), nullable(text('Value', 1024))];
  return showResult(columns, named, { column: 'Variable_name', pattern });
}

/** Without FULL a statement is shown by its first 100 characters. */
const INFO_CHARS_MAX = 100;

export function showProcesslist(ast: ShowAst, { session }: ExecutionContext): VirtualTable {
  const columns = [
    bigintUnsigned('Id'),
    text('User', 32),
    text('Host', 261),
    nullable(text('db')),
    text('Command', 16),
    int('Time'),
    nullable(text('State')),
    nullable(longText('Info')),
  ];
  const rows = session.server.processes().map((process) => ({
    Id: process.id,
    User: process.user,
    Host: process.host,
    db: process.database,
    Command: process.command,
    Time: process.seconds,
    State: process.state,
    Info: ast.full ? process.info : (process.info?.slice(0, INFO_CHARS_MAX) ?? null),
  }));
  return showResult(columns, rows);
}

export const showEngines = renamed(enginesTable(), {
  Engine: 'ENGINE',
  Support: 'SUPPORT',
  Comment: 'COMMENT',
  Transactions: 'TRANSACTIONS',
  XA: 'XA',
  Savepoints: 'SAVEPOINTS',
});

export const showCharacterSets = renamed(characterSetsTable(), {
  Charset: 'CHARACTER_SET_NAME',
  Description: 'DESCRIPTION',
  'Default collation': 'DEFAULT_COLLATE_NAME',
  Maxlen: 'MAXLEN',
});

export const showCollations = renamed(collationsTable(), {
  Collation: 'COLLATION_NAME',
  Charset: 'CHARACTER_SET_NAME',
  Id: 'ID',
  Default: 'IS_DEFAULT',
  Compiled: 'IS_COMPILED',
  Sortlen: 'SORTLEN',
  Pad_attribute: 'PAD_ATTRIBUTE',
});

export const showPlugins = renamed(pluginsTable(), {
  Name: 'PLUGIN_NAME',
  Status: 'PLUGIN_STATUS',
  Type: 'PLUGIN_TYPE',
  Library: 'PLUGIN_LIBRARY',
  License: 'PLUGIN_LICENSE',
});

/** SHOW of a table of information_schema, by other names; LIKE looks at the first. */
function renamed(source: VirtualTable, names: Readonly<Record<string, string>>): ShowMaker {
  const places = Object.values(names).map((name) => source.columns.findIndex((column) => column.name === name));
  const columns = Object.keys(names).map((name, index): VirtualColumn => {
    const original = source.columns[places[index] ?? -1];
    if (original === undefined) throw new Error(`${source.name} has no column for ${name}`);
    return { ...original, name };
  });
  return (ast, context) => {
    const rows = source
      .rows(context)
      .map((row) => Object.fromEntries(columns.map((column, i) => [column.name, row[places[i] ?? -1] ?? null])));
    return showResult(columns, rows, { column: columns[0]?.name ?? '', pattern: likePattern(ast, context) });
  };
}

/** Until there are roles, whoever got in may do everything. */
export function showGrants(ast: ShowAst, context: ExecutionContext): VirtualTable {
  const { user } = context.session;
  const asked = ast.rest?.trim() ?? '';
  if (asked !== '' && !isOneself(asked, user)) throw failure('ER_NOT_SUPPORTED_YET', `SHOW GRANTS FOR ${asked}`);
  const name = `Grants for ${user}@%`;
  const quoting = quotingOf(context);
  const grant = `GRANT ALL PRIVILEGES ON *.* TO ${quoting.name(user)}@${quoting.name('%')} WITH GRANT OPTION`;
  return showResult([text(name, 1024)], [{ [name]: grant }]);
}

function isOneself(asked: string, user: string): boolean {
  if (/^current_user(?:\s*\(\s*\))?$/i.test(asked)) return true;
  const name = asked.split('@')[0] ?? '';
  return name.trim().replace(/^(['"`])(.*)\1$/, '$2') === user;
}

export function showPrivileges(): VirtualTable {
  const columns = [text('Privilege', 23), text('Context', 40), text('Comment', 80)];
  const rows = [
    ['Alter', 'Tables', 'To alter the table'],
    ['Create', 'Databases,Tables,Indexes', 'To create new databases and tables'],
    ['Delete', 'Tables', 'To delete existing rows'],
    ['Drop', 'Databases,Tables', 'To drop databases and tables'],
    ['Grant option', 'Databases,Tables', 'To give to other users those privileges you possess'],
    ['Index', 'Tables', 'To create or drop indexes'],
    ['Insert', 'Tables', 'To insert data into tables'],
    ['Lock tables', 'Databases', 'To use LOCK TABLES (together with SELECT privilege)'],
    ['Process', 'Server Admin', 'To view the plain text of currently executing queries'],
    ['References', 'Databases,Tables', 'To have references on tables'],
    ['Select', 'Tables', 'To retrieve rows from table'],
    ['Show databases', 'Server Admin', 'To see all databases with SHOW DATABASES'],
    ['Super', 'Server Admin', 'To use KILL thread, SET GLOBAL, CHANGE MASTER, etc.'],
    ['Update', 'Tables', 'To update existing rows'],
    ['Usage', 'Server Admin', 'No privileges - allow connect only'],
  ].map(([Privilege, Context, Comment]) => ({
    Privilege: Privilege ?? null,
    Context: Context ?? null,
    Comment: Comment ?? null,
  }));
  return showResult(columns, rows);
}

/** Tables are not opened one by one: none is ever in use in MySQL's sense. */
export function showOpenTables(): VirtualTable {
  return showResult([text('Database'), text('Table'), bigint('In_use'), bigint('Name_locked')], []);
}

export function showEngine(ast: ShowAst, { session }: ExecutionContext): VirtualTable {
  const asked = ast.rest?.trim() ?? '';
  if (!/^['"`]?innodb['"`]?\s+status$/i.test(asked)) throw failure('ER_NOT_SUPPORTED_YET', `SHOW ENGINE ${asked}`);
  const counters = [...session.server.statusCounters()].map(([name, value]) => `${name} ${value}`);
  const status = ['The store is SQLite; it has no InnoDB monitor. Counters of the server:', ...counters, ''].join('\n');
  const columns = [text('Type', 10), text('Name', 512), longText('Status')];
  return showResult(columns, [{ Type: 'InnoDB', Name: '', Status: status }]);
}

export function showProfiles(): VirtualTable {
  const columns = [intUnsigned('Query_ID'), { name: 'Duration', type: { name: 'double' }, nullable: false } as const];
  return showResult([...columns, longText('Query')], []);
}
