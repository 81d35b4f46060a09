/** Broken and hostile clients: whatever is sent, the server goes on, and nothing of the client is left. Seeded: a failure names its case. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CAPABILITY, COMMAND, FIELD_TYPE } from '../../util/mysql-packets/constants.ts';
import { column, FakeGate, ok, rows } from './fake-gate.suite.ts';
import { BASIC_CAPABILITIES, handshakeResponse, packet, RawClient } from './raw-client.suite.ts';
import { MysqlServer } from './server.ts';

const CASES = 400;
const SEED = 20_240_229;

/** mulberry32 */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = generator(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

const COLUMNS = [
  column('a', { name: 'int' }),
  column('b', { name: 'varchar', length: 9 }),
  column('c', { name: 'datetime' }),
];

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** A command that could come from a client, with a parameter of a random type now and then. */
function command(random: Random): Buffer {
  const id = u32(random.below(4));
  switch (random.below(14)) {
    case 0:
      return packet(0, COMMAND.COM_QUERY, random.of(['select', 'x', 'a;b;c', ';', '']), random.bytes(random.below(4)));
    case 1:
      return packet(0, COMMAND.COM_STMT_PREPARE, random.of(['select ?, ?', 'select', 'do ?', 'fail']));
    case 2:
    case 3:
    case 4: {
      const type = random.of(Object.values(FIELD_TYPE));
      const types = Buffer.of(type, random.below(2) * 128, random.of([type, 253]), 0);
      return packet(
        0,
        COMMAND.COM_STMT_EXECUTE,
        id,
        random.below(2),
        u32(1),
        random.below(4),
        random.below(2),
        types,
        random.bytes(random.below(40)),
      );
    }
    case 5:
      return packet(0, COMMAND.COM_STMT_SEND_LONG_DATA, id, random.below(3), 0, random.bytes(random.below(30)));
    case 6:
      return packet(0, COMMAND.COM_STMT_FETCH, id, u32(random.of([0, 1, 3, 0xffff_ffff])));
    case 7:
      return packet(0, random.of([COMMAND.COM_STMT_RESET, COMMAND.COM_STMT_CLOSE]), id);
    case 8:
      return packet(
        0,
        COMMAND.COM_CHANGE_USER,
        'root\0',
        0,
        'db\0',
        255,
        0,
        random.of(['mysql_native_password\0', 'x\0', '']),
        random.bytes(9),
      );
    case 9:
      return packet(0, COMMAND.COM_FIELD_LIST, 'table\0', random.of(['%', 'a%%%_', '']));
    case 10:
      return packet(
        0,
        random.of([COMMAND.COM_INIT_DB, COMMAND.COM_SET_OPTION, COMMAND.COM_PROCESS_KILL]),
        random.bytes(random.below(5)),
      );
    case 11:
      return packet(0, random.of(Object.values(COMMAND)), random.bytes(random.below(50)));
    case 12:
      return packet(0, random.below(256), random.bytes(random.below(20)));
    default:
      return random.bytes(random.below(60));
  }
}

function mutate(random: Random, bytes: Buffer): Buffer {
  const mutated = Buffer.from(bytes);
  for (let i = random.below(4); i > 0 && mutated.length > 0; i--)
    mutated[random.below(mutated.length)] = random.below(256);
  return random.below(4) === 0 ? mutated.subarray(0, random.below(mutated.length + 1)) : mutated;
}

/** In pieces of random length, so that packets are cut everywhere. */
async function sendInPieces(random: Random, client: RawClient, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length && !client.isClosed; ) {
    const length = 1 + random.below(random.of([3, 20, 500]));
    client.send(bytes.subarray(at, at + length));
    at += length;
    if (random.below(3) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('whatever a client sends', () => {
  const unexpected: unknown[] = [];
  const gate = new FakeGate((request) => {
    if (request.kind === 'sql' && request.text === 'x') return Promise.resolve(ok());
    if (request.kind !== 'prepared' && request.kind !== 'sql') return ok();
    return rows(COLUMNS, [1, 'b', '2024-02-29 00:00:01'], [null, null, null]);
  });
  gate.preparedColumns = () => COLUMNS;
  let server: MysqlServer;
  let port: number;

  beforeAll(async () => {
    server = new MysqlServer(gate, {
      serverVersion: '8.0.42-Sluice-0.1.0',
      maxAllowedPacketBytes: 4096,
      handshakeTimeoutMs: 1000,
      onUnexpectedError: (error) => unexpected.push(error),
    });
    port = await server.listen(0, '127.0.0.1');
  });

  afterAll(() => server.close());

  async function run(index: number, login: boolean, bytes: (random: Random) => Buffer): Promise<void> {
    const random = new Random(SEED + index);
    const capabilities =
      BASIC_CAPABILITIES |
      random.of([0, CAPABILITY.DEPRECATE_EOF, CAPABILITY.MULTI_STATEMENTS, CAPABILITY.SESSION_TRACK]);
    const client = login ? await RawClient.login(port, capabilities) : await RawClient.open(port);
    await sendInPieces(random, client, bytes(random));
    if (random.below(3) === 0) client.destroy();
    else client.socket.end();
    await client.rest();
  }

  async function check(): Promise<void> {
    const client = await RawClient.login(port);
    client.send(packet(0, COMMAND.COM_PING));
    expect((await client.next())?.payload[0]).toBe(0);
    client.destroy();
    for (let i = 0; i < 400 && server.connectionCount > 0; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(server.connectionCount).toBe(0);
    expect(gate.open.size).toBe(0);
    expect(gate.sessions.filter((session) => session.closes !== 1)).toEqual([]);
    expect(unexpected).toEqual([]);
  }

  it('instead of a handshake', async () => {
    for (let index = 0; index < CASES; index++) {
      await run(index, false, (random) => {
        if (random.below(3) === 0) return random.bytes(random.below(200));
        const response = handshakeResponse(
          BASIC_CAPABILITIES | random.below(1 << 25),
          'root',
          random.bytes(random.below(22)),
          'caching_sha2_password',
          'db',
        );
        return Buffer.concat([
          mutate(random, response),
          random.below(2) === 0 ? random.bytes(30) : packet(3, random.bytes(20)),
        ]);
      });
    }
    await check();
  });

  it('as commands', async () => {
    for (let index = 0; index < CASES; index++) {
      await run(index, true, (random) => {
        const prepare = packet(0, COMMAND.COM_STMT_PREPARE, 'select ?, ?');
        const commands = Array.from({ length: 1 + random.below(12) }, () => command(random));
        return Buffer.concat([prepare, ...commands]);
      });
    }
    await check();
  });

  it('as commands with wrong bytes', async () => {
    for (let index = 0; index < CASES; index++) {
      await run(index, true, (random) =>
        Buffer.concat(Array.from({ length: 1 + random.below(8) }, () => mutate(random, command(random)))),
      );
    }
    await check();
  });
});
