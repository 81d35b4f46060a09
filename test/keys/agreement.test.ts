/** What one protocol puts, all the others see: values over HTTP, in SQL, and in Redis' protocol, by an unmodified redis-cli. */
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { connect, KeyPointer, type Keys } from 'sluice/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectDriver } from '../support/mysql-driver.ts';
import { runCommand } from '../support/run-command.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { HttpKeys } from './support/http-keys.ts';

let server: SluiceServer;
let keys: Keys;
let http: HttpKeys;
let mysql: Connection;

beforeAll(async () => {
  server = await startSluice({ redis: true });
  keys = connect(server.httpUrl).keys;
  http = new HttpKeys(server);
  mysql = await connectDriver(server);
});
afterAll(async () => {
  await mysql.end();
  expect(await server.stop()).toBe(0);
});
beforeEach(async () => {
  await keys.removeAll('*');
});

async function redis(...command: string[]): Promise<string> {
  const { stdout } = await runCommand('redis-cli', ['-p', String(server.redisPort), '--no-raw', ...command]);
  return stdout.trimEnd();
}

async function sql(text: string): Promise<unknown[][]> {
  const [rows] = await mysql.query<RowDataPacket[][]>({ sql: text, rowsAsArray: true });
  return rows;
}

describe('what the client puts', () => {
  it.each([
    [20, '20', '20'],
    [50.55, '50.55', '50.55'],
    [9007199254740993n, '9007199254740993', '9007199254740993'],
    [2n ** 70n, '1180591620717411303424', '1180591620717411303424'],
    ['zhang', 'zhang', 'zhang'],
    [true, 'true', '1'],
    [null, 'null', null],
    [new Date('2026-01-02T03:04:05.006Z'), '2026-01-02T03:04:05.006Z', '1767323045006'],
    [[1, 'a'], '[1,\\"a\\"]', '[1,"a"]'],
    [new KeyPointer('user.001'), 'user.001', 'user.001'],
  ])('%o is %s in Redis, %s in SQL', async (value, redisText, sqlText) => {
    await keys.put('v', value);
    expect(await redis('GET', 'v')).toBe(`"${redisText}"`);
    const [[shown] = []] = await sql("SELECT value FROM sluice.`keys` WHERE path = 'v'");
    expect(shown === null ? null : String(shown)).toBe(sqlText);
    expect(await keys.get('v')).toStrictEqual(value);
  });

  it('as a number is one in SQL, over HTTP and for INCR', async () => {
    await keys.put('n', 20);
    expect(await sql('SELECT value + 1, type FROM sluice.`keys` WHERE value > 18 AND value < 21')).toMatchObject([
      [21, 'integer'],
    ]);
    expect((await http.get('n')).body).toMatchObject({ type: 'integer', value: 20 });
    expect(await redis('INCRBY', 'n', '2')).toBe('(integer) 22');
    expect([await keys.add('n', 1), await redis('GET', 'n')]).toEqual([23, '"23"']);
    await sql("UPDATE sluice.`keys` SET value = value * 2 WHERE path = 'n'");
    expect([await keys.get('n'), await redis('GET', 'n')]).toEqual([46, '"46"']);
  });
});

describe('what others put', () => {
  it('is seen by all, bits, expiry and removal too', async () => {
    await redis('SET', 'r.text', 'hello');
    await redis('SETBIT', 'r.bits', '9', '1');
    await redis('SET', 'r.short', 'x', 'EX', '100');
    await sql("INSERT INTO sluice.`keys` (path, type, value) VALUES ('r.sql', 'double', '1.5')");
    expect([await keys.get('r.text'), await keys.getBit('r.bits', 9), await keys.get('r.sql')]).toEqual([
      'hello',
      1,
      1.5,
    ]);
    expect(await redis('GET', 'r.sql')).toBe('"1.5"');
    expect((await keys.getEntry('r.short'))?.expiresAt).toBeGreaterThan(Date.now());
    await keys.expire('r.short', null);
    expect(await redis('TTL', 'r.short')).toBe('(integer) -1');
    expect(await sql("SELECT COUNT(*) FROM sluice.`keys` WHERE path LIKE 'r.%'")).toEqual([[4]]);
    expect(await redis('DEL', 'r.text')).toBe('(integer) 1');
    await sql("DELETE FROM sluice.`keys` WHERE path = 'r.sql'");
    expect([...(await keys.findKeys('r.*'))]).toEqual(['r.bits', 'r.short']);
    expect(await redis('EXISTS', 'r.text', 'r.sql', 'r.bits')).toBe('(integer) 1');
  });

  it('is told to watches, whoever it was', async () => {
    const watch = keys.watch('w.*');
    await watch.ready;
    await redis('SET', 'w.a', '1');
    await sql("UPDATE sluice.`keys` SET value = '2' WHERE path = 'w.a'");
    await http.remove('w.a');
    const told: unknown[] = [];
    for await (const event of watch) {
      if (event.event === 'change') told.push(...event.changes.map(({ entry }) => entry?.value));
      if (told.length === 3) break;
    }
    expect(told).toEqual([1, 2, undefined]);
  });
});
