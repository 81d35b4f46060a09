/** AvenirSQL's two requests, as its clients send them, and what else a server has to stand on this port. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askJson, signOf } from '../support/json-client.ts';
import { connectDriver, rowsOf } from '../support/mysql-driver.ts';
import { freePort } from '../support/ports.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { startStoreUnderTest } from '../support/store-under-test.ts';

let server: SluiceServer;
let port: number;

beforeAll(async () => {
  port = await freePort();
  server = await startStoreUnderTest({ args: ['--json-port', String(port)] });
});
afterAll(() => server.stop());

async function sql(data: string): Promise<Readonly<Record<string, unknown>>> {
  return askJson(port, { sign: await signOf(port), type: 'sql', data });
}

describe("AvenirSQL's protocol", () => {
  it('says where it listens', () => {
    expect(server.output).toMatch(new RegExp(`^json   127\\.0\\.0\\.1:${port}$`, 'm'));
  });

  it('answers a login and a select', async () => {
    const answer = await askJson(port, { user: 'root', password: '', type: 'login' });
    expect(answer).toEqual({ code: 0, message: 'success', data: expect.stringMatching(/^[0-9a-f]{96}$/) });
    const sign = answer.data;
    const ask = (data: string) => askJson(port, { sign, type: 'sql', data });
    expect(await ask('create table user (id int primary key, name string, age number)')).toMatchObject({ code: 0 });
    expect(await ask("insert into user values (1, '张三', 20), (2, '李四', 21.5)")).toMatchObject({ code: 0 });
    expect(await ask('select * from user')).toEqual({
      code: 0,
      message: 'success',
      data: [
        { id: '1', name: '张三', age: '20' },
        { id: '2', name: '李四', age: '21.5' },
      ],
    });
  });

  it('the other protocols see what it wrote', async () => {
    const driver = await connectDriver(server, { database: 'main' });
    expect(await rowsOf(driver, 'select name from user where id = 2')).toEqual([{ name: '李四' }]);
    await driver.end();
  });

  it('a transaction lasts over connections', async () => {
    const sign = await signOf(port);
    const ask = (data: string) => askJson(port, { sign, type: 'sql', data });
    await ask('begin');
    await ask('delete from user');
    expect((await sql('select count(*) as n from user')).data).toEqual([{ n: '2' }]);
    expect((await ask('select count(*) as n from user')).data).toEqual([{ n: '0' }]);
    expect(await ask('rollback')).toMatchObject({ code: 0 });
    expect((await sql('select count(*) as n from user')).data).toEqual([{ n: '2' }]);
  });

  it('keep-alive is changed while it runs', async () => {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    expect(await sql('set global sluice_json_keep_alive = off')).toMatchObject({ code: 0 });
    socket.resume();
    socket.write('{"user":"root","password":"","type":"login"}');
    await closed;
    expect((await sql("show variables like 'sluice_json_keep_alive'")).data).toEqual([
      { Variable_name: 'sluice_json_keep_alive', Value: 'OFF' },
    ]);
    await sql('set global sluice_json_keep_alive = on');
  });

  it('a client that goes away in the middle of its statement ends it', async () => {
    const sign = await signOf(port);
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.write(JSON.stringify({ sign, type: 'sql', data: 'select sleep(600)' }));
    const driver = await connectDriver(server);
    const sleepers = () =>
      rowsOf(driver, "select id from information_schema.processlist where info like 'select sleep(600)%'");
    while ((await sleepers()).length === 0) await sleep(10);
    socket.resetAndDestroy();
    while ((await sleepers()).length > 0) await sleep(10);
    await driver.end();
    // What ended it is not told to the next statement.
    expect(await askJson(port, { sign, type: 'sql', data: 'selec 1' })).toMatchObject({ code: 1064 });
  });

  it('a thousand clients at once, each with its own sign', async () => {
    const ask = async (i: number): Promise<unknown> => (await sql(`select ${i} as i`)).data;
    for (let round = 0; round < 4; round++) {
      const answers = await Promise.all(Array.from({ length: 250 }, (_, i) => ask(i)));
      expect(answers).toEqual(Array.from({ length: 250 }, (_, i) => [{ i: String(i) }]));
    }
  });
});

describe('with configured options', () => {
  it('--no-json-keep-alive closes behind each answer', async () => {
    const other = await freePort();
    const short = await startStoreUnderTest({ args: ['--json-port', String(other), '--no-json-keep-alive'] });
    const socket = connect({ port: other, host: '127.0.0.1' });
    socket.resume();
    socket.write('{"user":"root","password":"","type":"login"}');
    await once(socket, 'close');
    expect(await short.stop()).toBe(0);
  });
});
