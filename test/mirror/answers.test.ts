/** Who answers lists of a mirrored table, the mirror or the source: each has other rows here, so that it shows. */
import type { Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClientInfo, LiveMessages, Outcome } from '../../src/gate/request.ts';
import { SourceGate } from '../../src/gate/source/gate.ts';
import type { SourceSession } from '../../src/gate/source/session.ts';
import type { ListCommand } from '../../src/lists/command.ts';
import type { ReadStatement } from '../../src/stores/statement.ts';
import type { Store } from '../../src/stores/store.ts';
import type { StoreRow } from '../../src/stores/values.ts';
import { parseSourceAddress } from '../../src/util/source-address.ts';
import { type MariadbServer, startMariadb } from '../support/mariadb-server.ts';
import { connectDriver } from '../support/mysql-driver.ts';
import { FakeMirror } from './support/fake-mirror.ts';

const TABLE = 'CREATE TABLE main.t (id INT PRIMARY KEY, title VARCHAR(40), n INT)';
const ROWS = "(1, '%', 10), (2, '%', 20), (3, '%', 30)";
const SELECT = 'command=select&type=*&where=n:NUMGE:20';

let mariadb: MariadbServer;
let direct: Connection;
let mirror: FakeMirror;
let gate: SourceGate;
let session: SourceSession;

beforeAll(async () => {
  mariadb = await startMariadb();
  direct = await connectDriver({ mysqlPort: mariadb.port });
  await direct.query('CREATE DATABASE main CHARACTER SET utf8mb4');
  await direct.query(TABLE);
  await direct.query(`INSERT INTO main.t VALUES ${ROWS.replaceAll('%', 'source')}`);
  await direct.query('CREATE TABLE main.other (id INT PRIMARY KEY)');
  await direct.query('CREATE TABLE main.timed (id INT PRIMARY KEY, at TIMESTAMP NOT NULL)');
  await direct.query("INSERT INTO main.timed VALUES (1, '2026-07-01 12:00:00')");
});
afterAll(async () => {
  await direct.end();
  await mariadb.stop();
});

beforeEach(async () => {
  mirror = new FakeMirror();
  await fill();
  await open();
});
afterEach(async () => {
  gate.close();
  await mirror.close();
});

async function fill(): Promise<void> {
  for (const text of [TABLE, `INSERT INTO main.t VALUES ${ROWS.replaceAll('%', 'mirror')}`])
    await mirror.session.execute(text);
  await mirror.session.execute('CREATE TABLE main.timed (id INT PRIMARY KEY, at TIMESTAMP NOT NULL)');
  await mirror.session.execute("INSERT INTO main.timed VALUES (1, '1999-01-01 12:00:00')");
}

/** Rows cannot be read from it. */
function brokenStore(real: Store): Store {
  const read = (statement: ReadStatement): StoreRow[] => {
    if (statement.sql.includes('main.t')) throw new Error('the disk is gone');
    return real.readInline(statement);
  };
  return new Proxy(real, {
    get(target, name) {
      if (name === 'readInline' || name === 'read') return read;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function open(): Promise<void> {
  gate = new SourceGate({
    address: parseSourceAddress(`mysql://root@127.0.0.1:${mariadb.port}/`),
    variables: {},
    accounts: [],
    tcsqlTable: 'main.t',
    log: { error: () => undefined, warn: () => undefined, info: () => undefined },
  });
  gate.useMirror({
    mirror,
    store: mirror.store,
    tables: [
      { database: 'main', table: 't' },
      { database: 'main', table: 'timed' },
    ],
    memoryBytes: 16 * 1024 * 1024,
    keepListsAfter: 1,
  });
  await gate.start();
  session = sessionOf('root');
}

function sessionOf(user: string): SourceSession {
  const client: ClientInfo = { user, host: '127.0.0.1', protocol: 'http' };
  return gate.openSession(client);
}

function commandOf(query: string): ListCommand {
  return { parameters: [...new URLSearchParams(query)], query, body: '', formEncoded: false };
}

async function list(query: string, by = session): Promise<unknown> {
  return jsonOf(await by.execute({ kind: 'list', command: commandOf(query) }));
}

async function page(query: string): Promise<unknown> {
  return jsonOf(await session.execute({ kind: 'page', command: commandOf(query) }));
}

function jsonOf(outcome: Outcome): unknown {
  if (outcome.kind === 'page') return { ...outcome, rowsJson: JSON.parse(outcome.rowsJson) };
  if (outcome.kind !== 'list') throw new TypeError(outcome.kind);
  return JSON.parse(outcome.json);
}

const by = (who: 'mirror' | 'source') => [
  { id: '2', title: who, n: '20' },
  { id: '3', title: who, n: '30' },
];

describe('a list of a mirrored table', () => {
  it('is answered by the mirror, whether it is kept or not', async () => {
    for (let i = 0; i < 5; i++) expect(await list(SELECT)).toEqual(by('mirror'));
    await gate.mirror?.kept.settled();
    for (let i = 0; i < 5; i++) expect(await list(SELECT)).toEqual(by('mirror'));
    expect(mirror.freshened).toBe(10);
    expect(gate.mirror?.kept.statistics().hits).toBeGreaterThan(0);
    expect(await list('command=count&where=title:STREQ:mirror')).toBe(3);
    expect(await list('command=get&pkey=1')).toEqual([{ id: '1', title: 'mirror', n: '10' }]);
    expect(await list('command=select&type=count&where=title:STREQ:source')).toBe(0);
    expect(await list(`${SELECT}&explain=1`)).toMatchObject({ kept: expect.anything() });
    expect(await page('table=main.t&where=n:NUMEQ:10&count=true')).toMatchObject({
      key: 'id',
      rowsJson: [{ id: 1, title: 'mirror', n: 10 }],
      count: 1,
      sequence: expect.any(Number),
    });
    expect(gate.mirror?.statistics()).toMatchObject({ answered: 15 });
  });

  it('is answered by the source while the table is not live', async () => {
    for (const state of ['loading', 'absent', 'failed'] as const) {
      mirror.state = { state };
      expect(await list(SELECT), state).toEqual(by('source'));
      expect(await page('table=main.t&where=n:NUMEQ:10'), state).toMatchObject({ sequence: null });
    }
    expect(gate.mirror?.statistics()).toMatchObject({ answered: 0, fallBacks: { not_live: 6 } });
  });

  it('is answered by the source when the mirror is not fresh in time, or no longer live then', async () => {
    mirror.fresh = () => Promise.resolve(false);
    expect(await list(SELECT)).toEqual(by('source'));
    mirror.fresh = () => {
      mirror.state = { state: 'loading' };
      return Promise.resolve(true);
    };
    expect(await list(SELECT)).toEqual(by('source'));
    expect(gate.mirror?.statistics()).toMatchObject({ answered: 0, fallBacks: { not_fresh: 1, not_live: 1 } });
  });

  it('is answered by the source when something is wrong with the mirror', async () => {
    gate.close();
    await mirror.close();
    mirror = new FakeMirror(brokenStore);
    await fill();
    await open();
    expect(await list(SELECT)).toEqual(by('source'));
    expect(gate.mirror?.statistics()).toMatchObject({ fallBacks: { failed: 1 } });
  });

  it('is answered at once where it need not be newer than what has come', async () => {
    gate.variables.setAll([['sluice_mirror_freshness', 'stream']]);
    const outcome = session.execute({ kind: 'list', command: commandOf('command=get&pkey=2') });
    expect(outcome).not.toBeInstanceOf(Promise);
    expect(jsonOf(outcome as Outcome)).toEqual([{ id: '2', title: 'mirror', n: '20' }]);
    expect(mirror.freshened).toBe(0);
    expect(gate.variables.config()).toMatchObject({ sluice_mirror_freshness: 'stream' });
    expect(gate.variables.value('sluice_mirror_freshness', gate.limits)).toBe('stream');
  });

  it('shows what the same session has not committed yet, as the source does', async () => {
    await session.execute({ kind: 'sql', text: 'BEGIN' });
    await session.execute({ kind: 'sql', text: "UPDATE main.t SET title = 'mine' WHERE id = 1" });
    expect(await list('command=get&pkey=1')).toEqual([{ id: '1', title: 'mine', n: '10' }]);
    await session.execute({ kind: 'sql', text: 'ROLLBACK' });
    expect(await list('command=get&pkey=1')).toEqual([{ id: '1', title: 'mirror', n: '10' }]);
    await session.execute({ kind: 'sql', text: "SET time_zone = '+05:00'" });
    expect(await list('command=get&pkey=1')).toEqual([{ id: '1', title: 'source', n: '10' }]);
  });

  it('with TIMESTAMPs is answered by the mirror only if the source shows them in UTC', async () => {
    const timed = 'command=select&type=*&table=main.timed';
    expect(await list(timed)).toEqual([{ id: '1', at: '1999-01-01 12:00:00' }]);
    await direct.query("SET GLOBAL time_zone = '+02:00'");
    try {
      gate.close();
      await open();
      expect(await list(timed)).toEqual([{ id: '1', at: '2026-07-01 14:00:00' }]);
      expect(await list(SELECT)).toEqual(by('mirror'));
      await expect(session.subscribe(commandOf('table=main.timed&limit_max=5'), null)).rejects.toMatchObject({
        errno: 1235,
        message: expect.stringContaining('UTC'),
      });
    } finally {
      await direct.query("SET GLOBAL time_zone = '+00:00'");
    }
  });

  it('is changed at the source, and what tells of tables comes from there', async () => {
    for (let i = 0; i < 3; i++) await list(SELECT);
    expect(await list('command=stat')).toMatchObject({
      rows: '3',
      table: 'main.t',
      kept: expect.arrayContaining([expect.objectContaining({ kind: 'index', subscriptions: '0' })]),
    });
    mirror.freshened = 0;
    expect(await list('command=tables')).toContainEqual({
      table: 'main.other',
      kind: 'table',
      pkey: 'id',
      fields: '1',
    });
    const insert = { ...commandOf('command=insert'), body: '{"id":9,"title":"new"}', formEncoded: false };
    expect(jsonOf(await session.execute({ kind: 'list', command: insert }))).toMatchObject({ ok: true });
    expect(await list('command=delete&where=id:NUMEQ:9')).toMatchObject({ affected: 1 });
    expect(mirror.freshened).toBe(0);
  });

  it('fails with what is wrong with it, and within the limits of every list', async () => {
    await expect(list('command=select&type=*&where=nothing:NUMEQ:1')).rejects.toMatchObject({ errno: 1054 });
    await expect(list('command=select&type=*&where=title:STRRX:(')).rejects.toMatchObject({ errno: 1210 });
    await expect(list('command=select&type=*&table=main.t&table=main.t')).rejects.toMatchObject({ errno: 1210 });
    await expect(list('command=select&type=*&table=main.nothing')).rejects.toMatchObject({ errno: 1146 });
    gate.variables.setAll([['sluice_http_max_result_rows', 1]]);
    await expect(list(SELECT)).rejects.toMatchObject({ code: 'SLUICE_ROW_LIMIT' });
    gate.variables.setAll([
      ['sluice_http_max_result_rows', 2],
      ['sluice_max_result_bytes', 20],
    ]);
    await expect(list(SELECT)).rejects.toMatchObject({ code: 'SLUICE_BYTE_LIMIT' });
    gate.variables.setAll([['sluice_max_result_bytes', 2000]]);
    expect(await list(SELECT)).toEqual(by('mirror'));
  });

  it('can be killed while it waits for the mirror', async () => {
    mirror.fresh = () => new Promise((resolve) => setTimeout(resolve, 200, true));
    const answer = list(SELECT);
    gate.kill(session.id, 'query');
    await expect(answer).rejects.toMatchObject({ errno: 1317 });
    mirror.fresh = () => Promise.resolve(true);
    expect(await list(SELECT)).toEqual(by('mirror'));
  });
});

describe('who asks', () => {
  it('needs the rights, and meets the rules, that the statement of SQL would', async () => {
    gate.accounts.replaceConfigured([
      { name: 'root', password: '' },
      { name: 'reader', password: '', databases: { main: 'reader' } },
      { name: 'stranger', password: '', databases: { shop: 'reader' } },
    ]);
    expect(await list(SELECT, sessionOf('reader'))).toEqual(by('mirror'));
    await expect(list(SELECT, sessionOf('stranger'))).rejects.toMatchObject({ errno: 1044 });
    const rule = { name: 'r', pattern: 'FROM `main`.`t`', users: ['reader'] };
    gate.protection.configure([{ ...rule, action: 'fail' }], []);
    await expect(list(SELECT, sessionOf('reader'))).rejects.toMatchObject({ code: 'SLUICE_RULE' });
    expect(await list(SELECT)).toEqual(by('mirror'));
    gate.protection.configure([{ ...rule, action: 'delay', delay_ms: 20 }], []);
    expect(await list(SELECT, sessionOf('reader'))).toEqual(by('mirror'));
    gate.protection.configure([{ ...rule, action: 'hint', hint: 'max_rows(1)' }], []);
    await expect(list(SELECT, sessionOf('reader'))).rejects.toMatchObject({ code: 'SLUICE_ROW_LIMIT' });
    expect(gate.mirror?.statistics()).toMatchObject({ fallBacks: { hinted: 1 } });
    gate.protection.configure([], [{ name: 'g', tables: ['main.t'], readers: ['root'] }]);
    await expect(list(SELECT, sessionOf('reader'))).rejects.toMatchObject({ errno: 1142 });
  });
});

describe('a live list', () => {
  const LIVE = commandOf('table=main.t&where=n:NUMGE:20&limit_max=10&count=true');

  async function nextOf(messages: LiveMessages): Promise<unknown> {
    for (;;) {
      const message = messages.take();
      if (message !== null) return JSON.parse(message.data);
      await new Promise<void>((resolve) => {
        messages.onMessage = resolve;
      });
    }
  }

  it('waits until its table is here, and then tells what changes', async () => {
    mirror.state = { state: 'loading' };
    const coming = session.subscribe(LIVE, null);
    setTimeout(() => mirror.become({ state: 'live' }), 20);
    const messages = await coming;
    expect(await nextOf(messages)).toMatchObject({
      key: 'id',
      count: 2,
      rows: [{ title: 'mirror' }, { title: 'mirror' }],
    });
    await mirror.session.execute("INSERT INTO main.t VALUES (4, 'later', 25)");
    expect(await nextOf(messages)).toMatchObject({ count: 3, insert: [{ at: 2, row: { id: 4, title: 'later' } }] });
    messages.close();
  });

  it.each([
    ['of a table that is not mirrored', 'table=main.other&limit_max=1', 1235, /--mirror main\.other/],
    ['without an end', 'table=main.t', 1210, /limit_max/],
  ])('%s is refused', async (_what, query, errno, message) => {
    await expect(session.subscribe(commandOf(query), null)).rejects.toMatchObject({
      errno,
      message: expect.stringMatching(message),
    });
  });

  it('of a table that is not there, or cannot be mirrored, is refused at once', async () => {
    mirror.state = { state: 'absent' };
    await direct.query('RENAME TABLE main.t TO main.elsewhere');
    await expect(session.subscribe(LIVE, null)).rejects.toMatchObject({ errno: 1146 });
    await direct.query('RENAME TABLE main.elsewhere TO main.t');
    mirror.state = { state: 'failed', why: 'it has a column of type uuid' };
    await expect(session.subscribe(LIVE, null)).rejects.toMatchObject({
      errno: 1235,
      message: expect.stringContaining('uuid'),
    });
  });

  it('is refused for now when its table is not here in time', async () => {
    mirror.state = { state: 'loading' };
    const error = await session.subscribe(LIVE, null).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'SLUICE_MIRROR_BEHIND', retryable: true, httpStatus: 503 });
    mirror.state = { state: 'live' };
    mirror.fresh = () => Promise.resolve(false);
    await expect(session.subscribe(LIVE, null)).rejects.toMatchObject({ code: 'SLUICE_MIRROR_BEHIND' });
  });

  it('ends its waiting when its session does', async () => {
    mirror.state = { state: 'loading' };
    const coming = session.subscribe(LIVE, null);
    session.close();
    await expect(coming).rejects.toMatchObject({ errno: 1317 });
  });
});
