/** Bytes on the JSON port: documents with any statements, documents damaged and cut, bytes that are none, clients that leave. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SeededRandom } from '../../src/util/random.ts';
import { askJson, signOf } from '../support/json-client.ts';
import { freePort } from '../support/ports.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { STATEMENTS, TABLES_SQL } from './corpus.ts';
import { bugsIn, casesOf, mutated, randomBytes, SEED } from './seeds.ts';

const CASES = casesOf(1_500);
const BATCH = 100;
const WORKERS = 10;
const ODD_VALUES = ['null', '5', '[]', '{}', '"', '"\\ud800"', '1e999', '{"a":'.repeat(70), '"\\u0000"', 'true'];

let server: SluiceServer;
let port: number;
let sign: string;

beforeAll(async () => {
  port = await freePort();
  server = await startSluice({ args: ['--json-port', String(port)] });
  sign = await signOf(port);
  for (const data of TABLES_SQL) await askJson(port, { sign, type: 'sql', data });
});
afterAll(() => server.stop());

function document(random: SeededRandom): string {
  const statement = mutated(random.pick(STATEMENTS), random, STATEMENTS);
  const request = random.chance(0.2)
    ? { user: random.pick(['root', '', 'nobody', '江湖']), password: random.pick(['', 'x']), type: 'login' }
    : { sign: random.chance(0.9) ? sign : statement.slice(0, 96), type: 'sql', data: statement };
  const text = JSON.stringify(request);
  return random.chance(0.2) ? text.replace(/"[^"]*"(?=[,}])/, random.pick(ODD_VALUES)) : text;
}

function damaged(text: string, random: SeededRandom): Buffer {
  const bytes = Buffer.from(text);
  for (let changes = random.below(5); changes > 0; changes--) bytes[random.below(bytes.length)] = random.below(256);
  return random.chance(0.3) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
}

async function misbehave(random: SeededRandom): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => socket.destroy());
  if (random.chance(0.8)) socket.resume();
  for (let sent = 1 + random.below(6); sent > 0; sent--) {
    const kind = random.below(10);
    if (kind < 5) socket.write(document(random) + (random.chance(0.7) ? '\n' : ''));
    else if (kind < 9) socket.write(damaged(document(random), random));
    else socket.write(randomBytes(random, random.below(500)));
  }
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
    await Promise.all(Array.from({ length: WORKERS }, work));
    expect(bugsIn(server.output).join('\n'), `one of the cases ${done} to ${done + BATCH - 1}`).toBe('');
    const answer = await askJson(port, { sign: await signOf(port), type: 'sql', data: 'select 1 as one' });
    expect(answer).toEqual({ code: 0, message: 'success', data: [{ one: '1' }] });
  }
  expect(server.running).toBe(true);
});
