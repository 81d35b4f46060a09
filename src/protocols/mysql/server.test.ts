import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../gate/request.ts';
import { CAPABILITY, COMMAND, SERVER_STATUS } from '../../util/mysql-packets/constants.ts';
import { FakeGate, ok, rows } from './fake-gate.suite.ts';
import { BASIC_CAPABILITIES, errnoOf, packet, RawClient } from './raw-client.suite.ts';
import { connect, ID, NAME, open, standardAnswer, start, textOf, until } from './test-server.suite.ts';

describe('sessions', () => {
  it('opens with the database and tells of its changes', async () => {
    const gate = new FakeGate(standardAnswer);
    const port = await open(gate);
    const raw = await RawClient.login(
      port,
      BASIC_CAPABILITIES | CAPABILITY.SESSION_TRACK | CAPABILITY.FOUND_ROWS,
      'shop',
    );
    expect(gate.sessions[0]?.client).toMatchObject({
      user: 'root',
      host: '127.0.0.1',
      protocol: 'mysql',
      database: 'shop',
      foundRows: true,
    });
    raw.send(packet(0, COMMAND.COM_INIT_DB, 'blog'));
    expect((await raw.next())?.payload.toString('hex')).toBe(
      `000000${'0240'}000000${'07'}01${'05'}04${Buffer.from('blog').toString('hex')}`,
    );
    raw.send(
      packet(0, COMMAND.COM_QUERY, 'use shop'),
      packet(0, COMMAND.COM_INIT_DB, 'shop'),
      packet(0, COMMAND.COM_INIT_DB, 'missing'),
    );
    expect((await raw.next())?.payload.toString('latin1')).toContain('shop');
    expect((await raw.next())?.payload.toString('latin1')).not.toContain('shop');
    expect(errnoOf(await raw.next())).toBe(1049);
  });

  it('refuses a database that does not exist', async () => {
    const port = await open(new FakeGate(standardAnswer));
    await expect(connect(port, { database: 'missing' })).rejects.toMatchObject({ errno: 1049 });
  });

  it('tells of transactions', async () => {
    const raw = await RawClient.login(await open(new FakeGate(standardAnswer)));
    raw.send(packet(0, COMMAND.COM_QUERY, 'begin'));
    expect((await raw.next())?.payload.readUInt16LE(3)).toBe(SERVER_STATUS.AUTOCOMMIT | SERVER_STATUS.IN_TRANS);
  });

  it('resets, changes its user, and ends with a wrong password', async () => {
    const gate = new FakeGate(standardAnswer, { root: '', anna: 'secret' });
    const connection = await connect(await open(gate));
    await connection.execute('select ?', [1]);
    await connection.changeUser({ user: 'anna', password: 'secret', database: 'blog' });
    expect(gate.sessions).toHaveLength(1);
    expect(gate.sessions[0]?.client).toMatchObject({ user: 'anna', database: 'blog' });
    await connection.execute('select ?', [1]);
    await connection.reset();
    expect(gate.sessions[0]?.resets).toBe(1);
    await expect(connection.changeUser({ user: 'anna', password: 'wrong' })).rejects.toMatchObject({ errno: 1045 });
    await until(() => gate.open.size === 0);
  });

  it('serves the small commands', async () => {
    const gate = new FakeGate((request, session) => {
      if (textOf(request) === 'SELECT * FROM `a``b` LIMIT 0') return rows([ID, NAME]);
      return standardAnswer(request, session);
    });
    const raw = await RawClient.login(await open(gate));
    raw.send(
      packet(0, COMMAND.COM_STATISTICS),
      packet(0, COMMAND.COM_DEBUG),
      packet(0, COMMAND.COM_SET_OPTION, Buffer.of(0, 0)),
    );
    const [statistics, debug, option] = await raw.nextPackets(3);
    expect(statistics?.payload.toString('latin1')).toMatch(/^Uptime: \d+ {2}Threads: 1 {2}Questions: 1 /);
    expect([debug?.payload[0], option?.payload[0]]).toEqual([0xfe, 0xfe]);
    raw.send(packet(0, COMMAND.COM_QUERY, 'a;b'));
    expect(await raw.nextPackets(2)).toHaveLength(2);
    raw.send(packet(0, COMMAND.COM_FIELD_LIST, 'a`b\0', 'n_m%'));
    const [field, end] = await raw.nextPackets(2);
    expect(field?.payload.includes('name')).toBe(true);
    expect(end?.payload[0]).toBe(0xfe);
    raw.send(
      packet(0, COMMAND.COM_PROCESS_KILL, Buffer.of(9, 0, 0, 0)),
      packet(0, 0x0e, 'x'),
      packet(0, 0x1d),
      packet(0, 0xff),
      packet(0),
    );
    expect((await raw.nextPackets(5)).map(errnoOf)).toEqual([0, 0, 1047, 1047, 1835]);
    expect(gate.sessions[0]?.requests.map(textOf)).toContain('KILL CONNECTION 9');
    raw.send(packet(0, COMMAND.COM_QUIT));
    expect(await raw.rest()).toEqual([]);
  });

  it('is killed when idle, and when it waits', async () => {
    const gate = new FakeGate(standardAnswer);
    const { server, port } = await start(gate);
    const idle = await RawClient.login(port);
    gate.kill(1);
    expect(errnoOf(await idle.next())).toBe(1317);
    expect(await idle.rest()).toEqual([]);
    const busy = await RawClient.login(port);
    busy.send(packet(0, COMMAND.COM_QUERY, 'wait'));
    await until(() => gate.sessions[1]?.requests.length === 1);
    gate.kill(2);
    gate.sessions[1]?.close();
    expect(errnoOf(await busy.next())).toBe(1317);
    expect(await busy.rest()).toEqual([]);
    await until(() => server.connectionCount === 0);
  });

  it('is killed by its own statement, after its answer', async () => {
    const gate = new FakeGate((request, session) => {
      if (textOf(request) === 'kill me') gate.kill(session.id);
      return ok();
    });
    const raw = await RawClient.login(await open(gate));
    raw.send(packet(0, COMMAND.COM_QUERY, 'kill me'), packet(0, COMMAND.COM_PING));
    expect((await raw.next())?.payload[0]).toBe(0);
    expect(await raw.rest()).toEqual([]);
    await until(() => gate.open.size === 0);
  });

  it('closes its session when the client goes while a statement runs', async () => {
    const gate = new FakeGate(standardAnswer);
    const raw = await RawClient.login(await open(gate));
    raw.send(packet(0, COMMAND.COM_QUERY, 'wait'));
    await until(() => gate.sessions[0]?.requests.length === 1);
    raw.destroy();
    await until(() => gate.open.size === 0);
    expect(gate.sessions[0]?.closes).toBe(1);
  });

  it('refuses connections beyond the limit', async () => {
    const port = await open(new FakeGate(standardAnswer), { maxConnections: 1 });
    await connect(port);
    await expect(connect(port)).rejects.toMatchObject({ errno: 1040 });
  });
});

describe('close', () => {
  it('ends idle clients at once and waits for what runs', async () => {
    let finish: (outcome: Outcome) => void = () => undefined;
    const running = new Promise<Outcome>((resolve) => {
      finish = resolve;
    });
    const gate = new FakeGate((request) => (textOf(request) === 'running' ? running : ok()));
    const { server, port } = await start(gate, { drainTimeoutMs: 5000 });
    const [idle, busy] = [await RawClient.login(port), await RawClient.login(port)];
    busy.send(packet(0, COMMAND.COM_QUERY, 'running'));
    await until(() => gate.sessions[1]?.requests.length === 1);
    const closed = server.close();
    expect(errnoOf(await idle.next())).toBe(1053);
    await until(() => gate.open.size === 1);
    finish(ok({ info: 'done' }));
    expect((await busy.next())?.payload.toString('latin1')).toContain('done');
    await closed;
    expect(gate.open.size).toBe(0);
  });

  it('ends what runs longer than the limit', async () => {
    const gate = new FakeGate(standardAnswer);
    const { server, port } = await start(gate, { drainTimeoutMs: 50 });
    const raw = await RawClient.login(port);
    raw.send(packet(0, COMMAND.COM_QUERY, 'wait'));
    await until(() => gate.sessions[0]?.requests.length === 1);
    await server.close();
    expect(gate.open.size).toBe(0);
    expect(gate.sessions[0]?.closes).toBe(1);
  });
});
