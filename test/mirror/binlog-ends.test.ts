/** How reading the binlog ends: each in its own way, and never in silence. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BinlogError } from '../../src/mirror/binlog/binlog-error.ts';
import type { BinlogEvent } from '../../src/mirror/binlog/binlog-event.ts';
import type { TableLayout } from '../../src/mirror/binlog/column-layout.ts';
import type { BinlogPosition } from '../../src/mirror/binlog/position.ts';
import { type BinlogOptions, readBinlog } from '../../src/mirror/binlog/read-binlog.ts';
import { parseSourceAddress } from '../../src/util/source-address.ts';
import { TLS_OF_A_NAME } from '../support/certificates.ts';
import { type MariadbServer, startMariadb } from '../support/mariadb-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { BinlogSource } from './support/binlog-source.ts';

let source: BinlogSource;
let layout: TableLayout;
let abort: AbortController;

beforeAll(async () => {
  source = await BinlogSource.start();
  await source.run('CREATE DATABASE d', 'CREATE TABLE d.t (id int PRIMARY KEY, v text)');
  layout = await source.layout('d', 't');
});

afterAll(async () => {
  await source.stop();
});

beforeEach(() => {
  abort = new AbortController();
});

afterEach(() => {
  abort.abort();
});

/** Reads until it ends; `begun` when the first events have come. */
function read(
  from: BinlogPosition,
  more: Partial<BinlogOptions> = {},
  address = source.address,
): { ended: Promise<BinlogError>; begun: Promise<void> } {
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const reading: Promise<BinlogError> = readBinlog(address, {
    from,
    serverId: 79,
    layoutOf: () => layout,
    signal: abort.signal,
    heartbeatMs: 100,
    ...more,
    onEvents: (events) => {
      begin();
      return more.onEvents?.(events);
    },
  }).catch((error: BinlogError) => {
    begin();
    return error;
  });
  return { ended: reading, begun };
}

describe('a position that the source does not have is gone', () => {
  it.each([
    ['another file', { file: 'mysql-bin.000999', offset: 4 }],
    ['another name', { file: 'no-such.000001', offset: 4 }],
    ['beyond the end', { file: 'mysql-bin.000001', offset: 4_000_000_000 }],
  ])('%s', async (_, position) => {
    expect(await read(position).ended).toMatchObject({ failure: 'gone' });
  });

  it('as after PURGE', async () => {
    const old = await source.position();
    await source.run('FLUSH BINARY LOGS', 'FLUSH BINARY LOGS');
    await source.run(`PURGE BINARY LOGS TO '${(await source.position()).file}'`);
    expect(await read(old).ended).toMatchObject({ failure: 'gone', message: expect.stringMatching(/not find/i) });
  });

  it('or what is there makes no sense', async () => {
    const { file, offset } = await source.position();
    await source.run("INSERT INTO d.t VALUES (1, 'abc')", 'DELETE FROM d.t');
    const { failure } = await read({ file, offset: offset + 5 }).ended;
    expect(['gone', 'unreadable']).toContain(failure);
  });
});

describe('a source that refuses', () => {
  it('for the user may not read its binlog', async () => {
    await source.run("CREATE USER weak@'127.0.0.1' IDENTIFIED BY 'x'");
    const address = parseSourceAddress(`mysql://weak:x@127.0.0.1:${source.server.port}/`);
    const { ended } = read(await source.position(), {}, address);
    expect(await ended).toMatchObject({
      failure: 'refused',
      message: expect.stringContaining('REPLICATION SLAVE'),
    });
  });

  it('for the password is wrong', async () => {
    const address = parseSourceAddress(`mysql://root:wrong@127.0.0.1:${source.server.port}/`);
    const { ended } = read(await source.position(), {}, address);
    expect(await ended).toMatchObject({ failure: 'refused' });
  });

  it('for it has no binlog', async () => {
    const server: MariadbServer = await startMariadb();
    const address = parseSourceAddress(`mysql://root@127.0.0.1:${server.port}/`);
    const { ended } = read({ file: 'mysql-bin.000001', offset: 4 }, {}, address);
    expect(await ended).toMatchObject({
      failure: expect.stringMatching(/gone|refused/),
      message: expect.stringMatching(/[Bb]inary log/),
    });
    await server.stop();
  });
});

describe('a connection is lost', () => {
  it('when it is killed', async () => {
    const { ended, begun } = read(await source.position());
    await begun;
    const [[id] = []] = await source.table(
      "SELECT id FROM information_schema.processlist WHERE command = 'Binlog Dump'",
    );
    await source.run(`KILL ${id}`);
    expect(await ended).toMatchObject({ failure: 'lost' });
  });

  it('when another reader has the same number', async () => {
    const first = read(await source.position());
    await first.begun;
    const second = read(await source.position());
    expect(await first.ended).toMatchObject({ failure: 'lost' });
    await second.begun;
    abort.abort();
  });

  it('when the source says nothing any more', async () => {
    const { ended, begun } = read(await source.position());
    await begun;
    process.kill(source.process.pid, 'SIGSTOP');
    const error = await ended;
    process.kill(source.process.pid, 'SIGCONT');
    expect(error).toMatchObject({ failure: 'lost', message: expect.stringContaining('said nothing') });
  });

  it('or said to be gone when the binlog begins anew', async () => {
    const { ended, begun } = read(await source.position());
    await begun;
    await source.run('RESET MASTER', "INSERT INTO d.t VALUES (7, 'after')", 'DELETE FROM d.t');
    expect((await ended).failure).toMatch(/gone|lost|unreadable/);
  });

  it('when nobody is there', async () => {
    const reading = readBinlog(parseSourceAddress('mysql://root@127.0.0.1:1/'), {
      from: { file: 'mysql-bin.000001', offset: 4 },
      serverId: 80,
      layoutOf: () => null,
      onEvents: () => undefined,
      signal: abort.signal,
    });
    await expect(reading).rejects.toMatchObject({ failure: 'lost' });
  });
});

it.each(['on', 'off'])('heartbeats keep a connection that has nothing to say, with TLS %s', async (tls) => {
  const dir = makeTempDir('binlog-tls');
  writeFileSync(join(dir.path, 'cert.pem'), TLS_OF_A_NAME.cert);
  writeFileSync(join(dir.path, 'key.pem'), TLS_OF_A_NAME.key);
  const secure = await BinlogSource.start(
    `--ssl-cert=${join(dir.path, 'cert.pem')}`,
    `--ssl-key=${join(dir.path, 'key.pem')}`,
  );
  await secure.run('CREATE DATABASE d', 'CREATE TABLE d.t (id int PRIMARY KEY, v text)');
  const from = await secure.position();
  await secure.run("INSERT INTO d.t VALUES (1, 'a')");
  const events: BinlogEvent[] = [];
  // More heartbeats than may be missing.
  const reading = readBinlog(parseSourceAddress(`mysql://root@127.0.0.1:${secure.server.port}/?tls=${tls}`), {
    from,
    serverId: 81,
    layoutOf: () => layout,
    heartbeatMs: 50,
    signal: abort.signal,
    onEvents: (more) => {
      events.push(...more);
      if (events.length > 25) abort.abort();
      return undefined;
    },
  });
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  expect(events[0]).toMatchObject({ kind: 'rows', changes: [{ before: null, after: [1, 'a'] }] });
  await secure.stop();
  dir.remove();
});

it('whoever reads may end it', async () => {
  const { ended, begun } = read(await source.position());
  await begun;
  const reason = new Error('enough');
  abort.abort(reason);
  expect(await ended).toBe(reason);
  expect(await read(await source.position()).ended).toBe(reason);
});

it.each([
  [
    'throws',
    () => {
      throw new Error('no room');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no room'))],
])('an error of whoever takes the events ends it: one that %s', async (_, onEvents) => {
  expect(await read(await source.position(), { onEvents }).ended).toMatchObject({ message: 'no room' });
});

it('while the events are not taken nothing more is read, and silence is not counted', async () => {
  const from = await source.position();
  await source.run('USE d', "INSERT INTO t SELECT seq, REPEAT('x', 1000) FROM seq_1_to_50000");
  const end = await source.position();
  let release: () => void = () => undefined;
  const taken: BinlogEvent[] = [];
  let pauses = 0;
  const { ended } = read(from, {
    heartbeatMs: 20,
    onEvents: (events) => {
      taken.push(...events);
      if (events.some((event) => event.kind === 'committed' && event.position.offset >= end.offset)) abort.abort();
      if (pauses === 1) return undefined;
      pauses++;
      return new Promise((resolve) => {
        release = resolve;
      });
    },
  });
  // Longer than a source may be silent.
  for (let before = -1; taken.length !== before; ) {
    before = taken.length;
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  const rowsOf = (events: readonly BinlogEvent[]): number =>
    events.reduce((sum, event) => sum + (event.kind === 'rows' ? event.changes.length : 0), 0);
  const rowsBefore = rowsOf(taken);
  expect(rowsBefore).toBeLessThan(50_000);
  release();
  await ended;
  expect(rowsOf(taken)).toBe(50_000);
});
