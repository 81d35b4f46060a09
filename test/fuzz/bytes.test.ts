/** Bytes on the MySQL port: random ones, and packets with a few bytes changed, before and after login. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SeededRandom } from '../../src/util/random.ts';
import { connectRaw, loginPacket, loginRaw, packet, queryPacket } from '../faults/raw-mysql.ts';
import { connectDriver, singleValue } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { STATEMENTS } from './corpus.ts';
import { bugsIn, casesOf, randomBytes, SEED } from './seeds.ts';

const CASES = casesOf(1_500);
const BATCH = 100;
const COMMANDS = 0x20;

let server: SluiceServer;

beforeAll(async () => {
  server = await startSluice();
});

afterAll(() => server.stop());

/** A few bytes other than they were. */
function damaged(bytes: Buffer, random: SeededRandom): Buffer {
  const copy = Buffer.from(bytes);
  for (let changes = random.below(4); changes > 0; changes--) copy[random.below(copy.length)] = random.below(256);
  return random.chance(0.2) ? copy.subarray(0, random.below(copy.length + 1)) : copy;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** A command after login: any number, with what such a command could carry. */
function command(random: SeededRandom): Buffer {
  switch (random.below(5)) {
    case 0:
      return queryPacket(random.pick(STATEMENTS));
    case 1:
      return packet(
        0,
        Buffer.concat([Buffer.of(0x16), Buffer.from(random.pick(['SELECT ?, ?', 'SELECT 1', 'SELEC ?', '', '?']))]),
      );
    case 2: {
      const types = Buffer.of(random.below(256), random.below(2) * 128, random.pick([3, 8, 253, 12, 5]), 0);
      const execute = [Buffer.of(0x17), u32(1 + random.below(3)), Buffer.of(random.below(3)), u32(1)];
      return packet(
        0,
        Buffer.concat([...execute, Buffer.of(random.below(4), 1), types, randomBytes(random, random.below(40))]),
      );
    }
    case 3:
      return packet(
        0,
        Buffer.concat([
          Buffer.of(0x18),
          u32(1 + random.below(3)),
          Buffer.of(random.below(4), 0),
          randomBytes(random, 20),
        ]),
      );
    default:
      return packet(
        random.below(3),
        Buffer.concat([Buffer.of(random.below(COMMANDS)), randomBytes(random, random.below(60))]),
      );
  }
}

async function misbehave(random: SeededRandom): Promise<void> {
  let socket: Socket;
  if (random.chance(0.3)) {
    socket = await connectRaw(server.mysqlPort);
    socket.write(random.chance(0.5) ? damaged(loginPacket(), random) : randomBytes(random, random.below(500)));
    if (random.chance(0.5)) socket.write(damaged(command(random), random));
  } else {
    socket = await loginRaw(server.mysqlPort);
    for (let sent = 1 + random.below(8); sent > 0; sent--) {
      socket.write(random.chance(0.5) ? damaged(command(random), random) : command(random));
    }
  }
  socket.resume();
  // What is half sent is waited for: the client leaves sooner or later.
  await Promise.race([once(socket, 'close'), sleep(random.below(30))]);
  if (random.chance(0.5)) socket.end();
  else socket.destroy();
  if (!socket.destroyed) await Promise.race([once(socket, 'close'), sleep(200)]);
  socket.destroy();
}

it(`${CASES} clients, seed ${SEED}`, async () => {
  for (let done = 0; done < CASES; done += BATCH) {
    const clients = Array.from({ length: BATCH }, (_, i) => i);
    const work = async (): Promise<void> => {
      for (let i = clients.pop(); i !== undefined; i = clients.pop())
        await misbehave(new SeededRandom(SEED + done + i));
    };
    await Promise.all(Array.from({ length: 10 }, work));
    expect(bugsIn(server.output).join('\n'), `one of the cases ${done} to ${done + BATCH - 1}`).toBe('');
    const next = await connectDriver(server);
    expect(await singleValue(next, 'SELECT 1')).toBe(1);
    await next.end();
  }
  expect(server.running).toBe(true);
});
