/** HTTP requests: list commands with any values, bodies of any kind, headers, and bytes that are no request. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SeededRandom } from '../../src/util/random.ts';
import { connectDriver, singleValue } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { STATEMENTS, TABLES_SQL } from './corpus.ts';
import { bugsIn, casesOf, INSIDES, mutated, randomBytes, SEED } from './seeds.ts';

const CASES = casesOf(4_000);
const BATCH = 200;
const WORKERS = 8;

let server: SluiceServer;

beforeAll(async () => {
  server = await startSluice();
  const connection = await connectDriver(server);
  for (const sql of TABLES_SQL) await connection.query(sql);
  await connection.end();
  await fetch(`${server.httpUrl}/?command=insert`, {
    method: 'POST',
    body: '[{"pkey":1,"uid":5},{"pkey":2,"name":"a:b|c"}]',
  });
});

afterAll(() => server.stop());

const FIELDS = [
  'pkey',
  'uid',
  'name',
  'id',
  'price',
  'made',
  'kind',
  'doc',
  'raw',
  'nothing',
  '',
  '__proto__',
  'constructor',
  "a'b",
  '江湖',
  'a.b',
];
const OPERATORS = [
  'STREQ',
  'STRINC',
  'STRBW',
  'STREW',
  'STRAND',
  'STROR',
  'STROREQ',
  'STRRX',
  'NUMEQ',
  'NUMGT',
  'NUMGE',
  'NUMLT',
  'NUMLE',
  'NUMBT',
  'NUMOREQ',
  'FTSPH',
  'FTSAND',
  'FTSOR',
  'FTSEX',
  '!STREQ',
  '~NUMEQ',
  '',
  'WHAT',
  'toString',
  '!!NUMEQ',
];
const VALUES = [
  '',
  '1',
  '-1',
  '5 7',
  '9,1',
  'a',
  'a:b',
  'a\\|b',
  '\\',
  'nan',
  'inf',
  '-inf',
  '1e999',
  '99999999999999999999',
  '9007199254740993',
  '(',
  '[a-',
  '*x',
  '(a+)+$',
  '"a b" && c || d !! e',
  '!! x',
  '&&',
  '\0',
  '江湖',
  '\ud800',
  "'; DROP TABLE x; --",
  '%',
  '2024-02-29',
  'x'.repeat(3000),
  '0x10',
  '٣',
];
const COMMANDS = [
  'select',
  'insert',
  'update',
  'delete',
  'setindex',
  'get',
  'count',
  'tables',
  'stat',
  'toString',
  '',
  '__proto__',
];
const TABLES = [
  'main.feed',
  'fuzz.things',
  'fuzz.parents',
  'fuzz.new',
  'things',
  '',
  '.',
  'a.b.c',
  'information_schema.tables',
  "x.'y",
  '__proto__.toString',
];

function query(random: SeededRandom): string {
  const condition = (): string => [random.pick(FIELDS), random.pick(OPERATORS), random.pick(VALUES)].join(':');
  const parameters: [string, string][] = [
    ['command', random.pick(COMMANDS)],
    ['type', random.pick(['*', 'count', '', 'TDBITLEXICAL', 'TDBITOPT', 'x'])],
    ['table', random.pick(TABLES)],
    ['where', Array.from({ length: random.below(4) }, condition).join('|')],
    ['order_by', random.pick(FIELDS)],
    ['order_sort', random.pick(['STRASC', 'STRDESC', 'NUMASC', 'NUMDESC', '', 'x'])],
    ['limit_skip', random.pick(['0', '-1', '5', 'x', '', '1e9', '99999999999999999999'])],
    ['limit_max', random.pick(['0', '-1', '5', 'x', '', '10000000', '1.5'])],
    ['field', random.pick(FIELDS)],
    ['pkey', random.pick(VALUES)],
    ['explain', '1'],
  ];
  // Requests that make sense are more likely to go deep: of the first command's own parameters most are left.
  const chosen = parameters.filter(
    ([name], i) => i === 0 || random.chance(/field|pkey|explain/.test(name) ? 0.1 : 0.5),
  );
  const text = chosen.map(([name, value]) => `${name}=${encode(value, random)}`).join('&');
  return random.chance(0.1) ? mutated(text, random, [text]).replaceAll(/\s|\p{Cc}/gu, '') : text;
}

function encode(value: string, random: SeededRandom): string {
  const safe = encodeURIComponent(wellFormed(value));
  if (random.chance(0.9)) return safe;
  return random.pick([
    safe.replaceAll('%', '%25'),
    `${safe}%`,
    `${safe}%zz`,
    `${safe}%ff%fe`,
    `%00${safe}`,
    `${safe}+`,
  ]);
}

/** Without halves of surrogate pairs, which encodeURIComponent() refuses. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

const JSON_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -0.5,
  1e300,
  '',
  'x',
  '江湖',
  '\ud800',
  [],
  {},
  [[]],
  { a: 1 },
  'x'.repeat(5000),
  9007199254740993n.toString(),
  [1, 2],
  { __proto__: 1 },
];

function listBody(random: SeededRandom): string {
  const object = (): Record<string, unknown> =>
    Object.fromEntries(Array.from({ length: random.below(5) }, () => [random.pick(FIELDS), random.pick(JSON_VALUES)]));
  const text = JSON.stringify(random.chance(0.7) ? object() : Array.from({ length: random.below(4) }, object));
  return random.pick([text, encodeURIComponent(wellFormed(text)), mutated(text, random, [text]), `json=${text}`]);
}

function sqlBody(random: SeededRandom): string {
  const statement = () => ({
    sql: random.chance(0.5) ? random.pick(STATEMENTS) : mutated(random.pick(STATEMENTS), random, STATEMENTS),
    ...(random.chance(0.3) && { params: random.pick(JSON_VALUES) }),
    ...(random.chance(0.5) && { database: random.pick(['fuzz', 'main', '', 'x', 5]) }),
    ...(random.chance(0.1) && { session: random.pick([...JSON_VALUES, 'new']) }),
    ...(random.chance(0.1) && { shape: random.pick(JSON_VALUES) }),
  });
  const body = random.chance(0.6)
    ? statement()
    : { statements: Array.from({ length: random.below(4) }, statement), atomic: random.pick([true, false, 'x', null]) };
  const text = JSON.stringify(body);
  return random.chance(0.2) ? mutated(text, random, [text]) : text;
}

interface Wrong {
  readonly what: string;
  readonly request: string;
}

/** One request through fetch; null when the answer is one that a client can make sense of. */
async function ask(random: SeededRandom): Promise<Wrong | null> {
  const list = random.chance(0.6);
  const path = list
    ? `/?${query(random)}`
    : random.pick(['/v1/sql', '/v1/sql', '/v1/batch', '/v1/nothing', '/healthz', '/v1/sessions/x']);
  const method = random.pick(list ? ['GET', 'POST'] : ['POST', 'POST', 'POST', 'GET', 'DELETE', 'PUT', 'OPTIONS']);
  const hasBody = method === 'POST' || method === 'PUT';
  const body = hasBody ? (list ? listBody(random) : sqlBody(random)) : undefined;
  const headers: Record<string, string> = {
    'content-type': random.pick([
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain',
      'x',
      'application/json; charset=latin1',
    ]),
    ...(random.chance(0.1) && { accept: random.pick(['application/x-ndjson', 'text/event-stream', 'x']) }),
    ...(random.chance(0.05) && {
      authorization: random.pick(['Basic cm9vdDo=', 'Basic !!', 'Bearer x', 'Basic bm9ib2R5Og==']),
    }),
    ...(random.chance(0.02) && { 'content-encoding': 'gzip' }),
  };
  const request = `${method} ${path} ${body ?? ''}`;
  const response = await fetch(server.httpUrl + path, { method, headers, body, signal: AbortSignal.timeout(20_000) });
  const text = await response.text();
  if (response.headers.get('content-type')?.includes('ndjson')) return null;
  if (method === 'OPTIONS' || text === '') return null;
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return { what: `${response.status}, no JSON: ${text.slice(0, 200)}`, request };
  }
  const message = text.slice(0, 500);
  const error = (answer as { error?: { errno?: number; message?: string } } | null)?.error;
  if (response.status >= 400 && typeof error?.message !== 'string')
    return { what: `${response.status} without error: ${message}`, request };
  // A row limit and a lost reader have this number too.
  if (error?.errno === 1105 && response.status === 500) return { what: message, request };
  if (response.status >= 400 && INSIDES.test(error?.message ?? '')) return { what: message, request };
  return null;
}

/** Bytes that are no request, or not quite. */
async function sendBytes(random: SeededRandom): Promise<void> {
  const socket = connect(server.httpPort, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'connect');
  const body = listBody(random);
  const whole = Buffer.from(
    `POST /?${query(random)} HTTP/1.1\r\nHost: x\r\nContent-Length: ${random.pick([Buffer.byteLength(body), 0, -1, 1e9, 3])}\r\nX: y\r\n\r\n${body}`,
  );
  for (let changes = random.below(5); changes > 0; changes--) whole[random.below(whole.length)] = random.below(256);
  socket.write(
    random.chance(0.2) ? randomBytes(random, random.below(2000)) : whole.subarray(0, random.below(whole.length + 1)),
  );
  await Promise.race([once(socket, 'close'), sleep(random.below(20))]);
  socket.destroy();
}

it(`${CASES} requests, seed ${SEED}`, async () => {
  const found = new Map<string, string>();
  for (let done = 0; done < CASES; done += BATCH) {
    const cases = Array.from({ length: BATCH }, (_, i) => done + i);
    const work = async (): Promise<void> => {
      for (let number = cases.pop(); number !== undefined; number = cases.pop()) {
        const random = new SeededRandom(SEED + number);
        if (random.chance(0.2)) {
          await sendBytes(random);
          continue;
        }
        const wrong = await ask(random);
        if (wrong === null) continue;
        const kind = wrong.what.replaceAll(/[`'"][^`'"]*[`'"]|\d+/g, '_');
        if (!found.has(kind)) found.set(kind, `${wrong.what}\n    case ${number}: ${wrong.request.slice(0, 1500)}`);
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, work));
    expect((await fetch(`${server.httpUrl}/healthz`)).status).toBe(200);
    const next = await connectDriver(server);
    expect(await singleValue(next, 'SELECT 1')).toBe(1);
    await next.end();
  }
  expect([...found.values()].join('\n'), 'failures that nobody had foreseen').toBe('');
  expect(bugsIn(server.output).join('\n')).toBe('');
  expect(server.running).toBe(true);
});
