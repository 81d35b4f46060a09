/** What `--mirror` needs of the source, and how the server starts with it. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readPage } from '../docs/page.ts';
import { PROJECT_DIR } from '../structure/sources.ts';
import { BINLOG_ARGS } from '../support/binlog-args.ts';
import { startDurableMariadb } from '../support/durable-mariadb.ts';
import { type MariadbServer, mysqlClient, startMariadb } from '../support/mariadb-server.ts';
import { freePorts } from '../support/ports.ts';
import { tryCommand } from '../support/run-command.ts';
import { startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { mirrorPage, untilLive } from './support/mirrored.ts';

let mariadb: MariadbServer | null = null;

afterEach(async () => {
  await mariadb?.stop();
  mariadb = null;
});

/** What serve says, and its exit code, where it cannot start. */
async function refusal(user = 'root'): Promise<{ code: number | null; stderr: string }> {
  const folder = makeTempDir('mirror-start');
  const [mysqlPort, httpPort] = await freePorts(2);
  const { code, stderr } = await tryCommand(process.execPath, [
    `${PROJECT_DIR}/dist/main.js`,
    ...['serve', '--data', folder.path, '--mysql-port', String(mysqlPort), '--http-port', String(httpPort)],
    ...['--redis-port', '0', '--source', `mysql://${user}@127.0.0.1:${mariadb?.port}/`, '--mirror', 'shop.t'],
  ]);
  folder.remove();
  return { code, stderr };
}

describe('a source that cannot be mirrored', () => {
  it.each([
    ['has no binlog', [], 'log_bin is OFF, and must be ON'],
    ['has statements in it', [...BINLOG_ARGS, '--binlog-format=MIXED'], 'binlog_format is MIXED, and must be ROW'],
    [
      'has parts of rows in it',
      [...BINLOG_ARGS, '--binlog-row-image=MINIMAL'],
      'binlog_row_image is MINIMAL, and must be FULL',
    ],
  ])('because it %s, is told at the start', async (_what, args, message) => {
    mariadb = await startMariadb({ args });
    const { code, stderr } = await refusal();
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  it('for want of privileges is told at the start', async () => {
    mariadb = await startMariadb({ args: BINLOG_ARGS });
    await mysqlClient(
      mariadb,
      "CREATE USER app@'%'; GRANT SELECT, INSERT ON *.* TO app@'%'; DROP USER IF EXISTS ''@localhost",
    );
    const { code, stderr } = await refusal('app');
    expect(code).toBe(1);
    expect(stderr).toContain('REPLICATION SLAVE');
  });
});

describe('serve with a mirror', () => {
  it('needs no more rights at the source than its documentation says', async () => {
    mariadb = await startMariadb({ args: BINLOG_ARGS });
    const grants = /```sql\n(GRANT[^`]+)```/.exec(readPage('docs/mirror.md'))?.[1] ?? '';
    expect(grants).toContain('REPLICATION SLAVE');
    await mysqlClient(
      mariadb,
      `CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (5); CREATE USER sluice@'%';${grants}`,
    );
    const args = ['--source', `mysql://sluice@127.0.0.1:${mariadb.port}/`, '--mirror', 'shop.t'];
    const sluice = await startSluice({ args });
    await untilLive(sluice);
    await mysqlClient(mariadb, 'INSERT INTO shop.t VALUES (6)');
    const rows = await (await fetch(`${sluice.httpUrl}/?command=select&type=*&table=shop.t`)).json();
    expect(rows).toEqual([{ id: '5' }, { id: '6' }]);
    expect((await mirrorPage(sluice)).answers.mirror).toBe(1);
    expect(await sluice.stop()).toBe(0);
  });

  it('starts while its source is away, and mirrors it when it comes', async () => {
    const source = await startDurableMariadb(BINLOG_ARGS);
    await mysqlClient(source, 'CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY)');
    await source.kill9();
    const args = ['--source', `mysql://root@127.0.0.1:${source.port}/`, '--mirror', 'shop.t'];
    const sluice = await startSluice({ args });
    expect((await fetch(`${sluice.httpUrl}/readyz`)).status).toBe(503);
    const list = `${sluice.httpUrl}/?command=count&table=shop.t`;
    expect((await fetch(list)).status).toBe(503);
    await source.restart();
    await untilLive(sluice);
    await vi.waitUntil(async () => (await fetch(list)).ok, { timeout: 60_000, interval: 100 });
    expect(await sluice.stop()).toBe(0);
    await source.stop();
  });

  it('is ready before its tables are copied, and while the source has none of them', async () => {
    mariadb = await startMariadb({ args: BINLOG_ARGS });
    await mysqlClient(mariadb, 'CREATE DATABASE shop');
    const sluice = await startSluice({
      args: ['--source', `mysql://root@127.0.0.1:${mariadb.port}/`, '--mirror', 'shop.t'],
    });
    try {
      expect((await fetch(`${sluice.httpUrl}/readyz`)).status).toBe(200);
      const list = `${sluice.httpUrl}/?command=select&type=*&table=shop.t`;
      expect((await fetch(list)).status).toBe(404);
      await mysqlClient(mariadb, 'CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (5)');
      // That a table was made behind its back is seen within some seconds.
      await vi.waitUntil(async () => (await fetch(list)).ok, { timeout: 60_000, interval: 100 });
      await untilLive(sluice);
      const { answers } = await mirrorPage(sluice);
      expect(await (await fetch(list)).json()).toEqual([{ id: '5' }]);
      expect((await mirrorPage(sluice)).answers.mirror).toBe(answers.mirror + 1);
      await mysqlClient(mariadb, 'DROP TABLE shop.t');
      expect((await fetch(list)).status).toBe(404);
      const metrics = await (await fetch(`${sluice.httpUrl}/metrics`)).text();
      expect(metrics).toMatch(/^sluice_mirror_following 1$/m);
      expect(metrics).toMatch(/^sluice_mirror_answers_total\{by="mirror"\} \d+$/m);
    } finally {
      expect(await sluice.stop()).toBe(0);
    }
  });
});
