/** What SHOW shows: of a table, of a database, of everybody, or what is an administrator's. */
import type { FoundTables } from './found-tables.ts';
import type { QueryTables } from './query-tables.ts';
import type { StatementTokens } from './statement-tokens.ts';

/** The session's own, or the same for all. */
const OPEN = new Set([
  'DATABASES',
  'SCHEMAS',
  'VARIABLES',
  'STATUS',
  'WARNINGS',
  'ERRORS',
  'COUNT',
  'PROCESSLIST',
  'GRANTS',
  'CHARACTER',
  'CHARSET',
  'COLLATION',
  'ENGINES',
  'STORAGE',
  'PRIVILEGES',
  'PROFILES',
  'PROFILE',
]);
const OF_A_TABLE = new Set(['COLUMNS', 'FIELDS', 'INDEX', 'INDEXES', 'KEYS']);
const PASSED_OVER = ['FULL', 'EXTENDED', 'GLOBAL', 'SESSION', 'LOCAL'];
const PRIVILEGES: Readonly<Record<string, string>> = {
  MASTER: 'REPLICATION CLIENT',
  SLAVE: 'REPLICATION CLIENT',
  REPLICA: 'REPLICATION CLIENT',
  BINARY: 'REPLICATION CLIENT',
  BINLOG: 'REPLICATION SLAVE',
  ENGINE: 'PROCESS',
  EXPLAIN: 'PROCESS',
};

export function readShow(tokens: StatementTokens, at: number, queries: QueryTables, found: FoundTables): void {
  let what = at + 1;
  while (tokens.isWord(what, ...PASSED_OVER)) what++;
  const word = tokens.at(what)?.text ?? '';
  // LIKE and WHERE: queries may stand in there.
  const rest = (from: number): void => queries.level(from, tokens.length);
  const ofDatabase = (from: number, access: 'read' | 'admin'): void => {
    const isNamed = tokens.isWord(from, 'FROM', 'IN');
    if (isNamed && !tokens.isName(from + 1)) found.doubt('a database without a name');
    found.add({ database: isNamed ? (tokens.at(from + 1)?.raw ?? '') : null, name: '*' }, access);
    rest(isNamed ? from + 2 : from);
  };
  if (OF_A_TABLE.has(word)) ofTable(tokens, what, queries, found);
  else if (word === 'TABLES') ofDatabase(what + 1, 'read');
  else if (word === 'TABLE' && tokens.isWord(what + 1, 'STATUS')) ofDatabase(what + 2, 'read');
  else if (word === 'TRIGGERS' || word === 'EVENTS') ofDatabase(what + 1, 'admin');
  else if (word === 'OPEN' && tokens.isWord(what + 1, 'TABLES') && tokens.isWord(what + 2, 'FROM', 'IN'))
    ofDatabase(what + 2, 'read');
  else if (word === 'CREATE') ofCreate(tokens, what + 1, queries, found);
  else if (OPEN.has(word)) rest(what + 1);
  else found.needs(PRIVILEGES[word] ?? 'SUPER');
}

/** SHOW COLUMNS FROM t FROM db */
function ofTable(tokens: StatementTokens, what: number, queries: QueryTables, found: FoundTables): void {
  const name = tokens.isWord(what + 1, 'FROM', 'IN') ? queries.nameAt(what + 2) : null;
  if (name === null) {
    found.doubt('SHOW of a form that is not understood');
    return;
  }
  const isNamed = tokens.isWord(name.next, 'FROM', 'IN');
  if (isNamed && !tokens.isName(name.next + 1)) found.doubt('a database without a name');
  const database = isNamed ? (tokens.at(name.next + 1)?.raw ?? '') : name.table.database;
  found.add({ database, name: name.table.name }, 'read');
  queries.level(isNamed ? name.next + 2 : name.next, tokens.length);
}

/** SHOW CREATE TABLE t */
function ofCreate(tokens: StatementTokens, what: number, queries: QueryTables, found: FoundTables): void {
  if (tokens.isWord(what, 'DATABASE', 'SCHEMA')) {
    let at = what + 1;
    while (tokens.isWord(at, 'IF', 'NOT', 'EXISTS')) at++;
    if (tokens.isName(at)) found.add({ database: tokens.at(at)?.raw ?? '', name: '*' }, 'read');
    else found.doubt('a database without a name');
    return;
  }
  const name = tokens.isWord(what, 'TABLE', 'VIEW', 'SEQUENCE') ? queries.nameAt(what + 1) : null;
  if (name === null) found.needs('SUPER');
  else found.add(name.table, 'read');
}
