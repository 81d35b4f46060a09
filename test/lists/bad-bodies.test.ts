/** Bodies that cannot be meant: of insert, which makes rows, of update, which changes them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_HTTP_BODY_BYTES } from '../../src/limits.ts';
import { connectDriver, rowsOf } from '../support/mysql-driver.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { check, nameOf, startWithTables } from './support/bad-requests.ts';

let server: SluiceServer;

beforeAll(async () => {
  server = await startWithTables();
});

afterAll(() => server.stop());

describe('bodies of insert', () => {
  const bytes = (...parts: (string | number)[]): Uint8Array =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));
  const cases: readonly (readonly [string | Uint8Array, RegExp])[] = [
    ['', /^body is missing/],
    [' \r\n', /^body is missing/],
    ['{', /^body: broken JSON: unexpected end at position 1/],
    ['{"uid":}', /^body: broken JSON: unexpected "}" at position 7/],
    ['{"uid":1', /^body: broken JSON: unexpected end at position 8/],
    ["{'uid':1}", /^body: broken JSON: unexpected "'" at position 1/],
    ['{uid:1}', /^body: broken JSON: unexpected "u"/],
    ['{"uid":1,}', /^body: broken JSON/],
    ['{"uid":1}{"uid":2}', /^body: broken JSON: unexpected "{" at position 9/],
    ['{"uid":NaN}', /^body: broken JSON/],
    ['{"uid":1e}', /^body: broken JSON/],
    ['{"uid":"\\x41"}', /^body: broken JSON: unknown escape/],
    ['{"name":"a\nb"}', /^body: broken JSON: control character/],
    ['{"name":"a\0b"}', /^body: broken JSON: control character/],
    ['\0{"uid":1}', /^body: broken JSON/],
    ['[{"uid":1},{"uid":2}', /^body: broken JSON: unexpected end/],
    ['null', /^body: neither a JSON object nor an array of objects/],
    ['5', /^body: neither/],
    ['"text"', /^body: neither/],
    ['uid=5&name=x', /^body: broken JSON/],
    ['<xml/>', /^body: broken JSON/],
    ['[1,2]', /^body: element 0 is not an object/],
    ['["a"]', /^body: element 0 is not an object/],
    ['[{"uid":1},null]', /^body: element 1 is not an object/],
    ['[[{"uid":1}]]', /^body: element 0 is not an object/],
    ['{"uid":1,"uid":2}', /^body: 'uid' is given twice in one object/],
    ['{"fresh":1,"Fresh":2}', /^body: 'Fresh' is given twice in one object/],
    ['{"pkey":1,"PKEY":2}', /^body: 'PKEY' is given twice in one object/],
    ['{"uid":1,"UID":2}', /^body: 'UID' is given twice in one object/],
    [`{"uid":${'['.repeat(300)}${']'.repeat(300)}}`, /^body: broken JSON: more than 256 levels/],
    ['['.repeat(1_000_000), /^body: element 0 is not an object/],
    [`[${'{"a":'.repeat(1_000_000)}`, /^body: broken JSON: more than 256 levels/],
    ['{"pkey":9223372036854775808}', /^body: pkey 9223372036854775808 is outside -2\^63 \.\. 2\^63-1/],
    ['{"pkey":-9223372036854775809}', /^body: pkey -9223372036854775809 is outside/],
    [`{"pkey":${'9'.repeat(400)}}`, /^body: pkey 9{100} is outside/],
    [`{"pkey":"${'9'.repeat(1_000_000)}"}`, /^body: pkey "9{100}" is not an integer/],
    ['{"pkey":"abc"}', /^body: pkey "abc" is not an integer/],
    ['{"pkey":1.0}', /^body: pkey "1\.0" is not an integer/],
    ['{"pkey":1e2}', /^body: pkey "1e2" is not an integer/],
    ['{"pkey":true}', /^body: pkey "true" is not an integer/],
    ['{"pkey":[1]}', /^body: pkey "\[1\]" is not an integer/],
    ['{"pkey":""}', /^body: pkey "" is not an integer/],
    ['[{"pkey":10,"new":1},{"pkey":11},{"pkey":"x"}]', /^body: element 2: pkey "x" is not an integer/],
    ['{"":1}', /^body: a field has an empty name/],
    ['{"a\\u0000b":1}', /^body: "a\\u0000b" cannot be the name of a field/],
    ['{"a\\n":1}', /^body: "a\\n" cannot be the name of a field/],
    ['{"a ":1}', /^body: "a " cannot be the name of a field/],
    [`{"${'x'.repeat(65)}":1}`, /^body: "x{65}" cannot be the name of a field/],
    [`{"${'x'.repeat(1_000_000)}":1}`, /^body: "x{100}" cannot be the name of a field/],
    ['{"_sluice_row":1}', /^body: "_sluice_row" cannot be the name of a field/],
    [
      JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`f${i}`, i]))),
      /^body: the table would have more than 1000 fields/,
    ],
    [`[${Array(100_001).fill('{}').join()}]`, /^body: more than 100000 objects/],
    [bytes('{"name":"a', 0xff, '"}'), /^body: .*UTF-8/],
    [bytes('{"name":"', 0xed, 0xa0, 0x80, '"}'), /^body: .*UTF-8/],
    [bytes('{"na', 0xc3, '":"x"}'), /^body: .*UTF-8/],
    ['%7B%22name%22%3A%22%ff%22%7D', /^body: wrong percent-encoding/],
    ['%7B%22name%22%3A%22%zz%22%7D', /^body: wrong percent-encoding/],
    ['%7B%22name%22%3A', /^body: broken JSON/],
  ];
  for (const [body, message] of cases)
    it(nameOf(body), () => check(server, { query: 'command=insert', body, message, status: 400 }));

  it.each<[string, RegExp, number?]>([
    ['{"pkey":2147483648,"name":"x"}', /'id'/, 422],
    ['{"pkey":"abc","name":"x"}', /'id'/, 422],
    ['{"id":1,"pkey":2,"name":"x"}', /^body: 'pkey' is given twice in one object/],
    ['{"small":1}', /'name'/, 422],
    ['{"name":null}', /'name'/, 422],
    ['{"name":"x","small":-1}', /'small'/, 422],
    ['{"name":"x","small":256}', /'small'/, 422],
    ['{"name":"x","small":"abc"}', /'small'/, 422],
    ['{"name":"x","small":""}', /'small'/, 422],
    ['{"name":"x","big":-1}', /'big'/, 422],
    ['{"name":"x","big":18446744073709551616}', /'big'/, 422],
    ['{"name":"longer"}', /'name'/, 422],
    ['{"name":"x","price":12345.6}', /'price'/, 422],
    ['{"name":"x","price":-1}', /bad\.typed|typed_chk|constraint/, 422],
    ['{"name":"x","day":"2024-02-30"}', /'day'/, 422],
    ['{"name":"x","day":{}}', /'day'/, 422],
    ['{"name":"x","kind":"c"}', /'kind'/, 422],
    ['{"name":"x","parent":9}', /foreign key/, 409],
    ['{"name":"x","nothing":1}', /Unknown column 'nothing' in 'body'/, 400],
    ['[{"name":"x"},{"name":"y","small":1000}]', /'small'.* row 2/, 422],
  ])('of a table with types: %s', async (body, message, status = 400) => {
    await check(server, { query: 'command=insert&table=bad.typed', body, message, status });
  });
});

describe('bodies of update', () => {
  it.each<[string, string, RegExp, number?]>([
    ['', '', /^body is missing/],
    ['', '[]', /^body: update takes one JSON object/],
    ['', '[{"uid":1},{"uid":2}]', /^body: update takes one JSON object/],
    ['', '{}', /^body: there is no field to update/],
    ['', '{"pkey":5}', /^body: there is no field to update/],
    ['', '{"fresh":1,"Fresh":2}', /^body: 'Fresh' is given twice in one object/],
    ['', '{"uid":1,"Uid":2}', /^body: 'Uid' is given twice in one object/],
    ['', '{"a\\n":1}', /^body: "a\\n" cannot be the name of a field/],
    ['', '{"uid":', /^body: broken JSON/],
    ['&type=count', '{"uid":1}', /^type: 'count' is not \*/],
    ['&table=bad.typed', '{"nothing":1}', /^Unknown column 'nothing' in 'body'/],
    ['&table=bad.typed', '{"small":300}', /'small'/, 422],
    ['&table=bad.typed', '{"name":null}', /'name' cannot be null/, 422],
    ['&table=bad.typed', '{"only_one":5}', /Duplicate entry '5'/, 409],
    ['&table=bad.typed', '{"price":-5}', /bad\.typed|typed_chk|constraint/, 422],
    ['&table=bad.typed', '{"parent":7}', /foreign key/, 409],
    ['&table=bad.typed&where=pkey:NUMEQ:1', '{"day":"yesterday"}', /'day'/, 422],
    ['&table=bad.pairs&where=pkey:NUMEQ:1', '{"v":"x"}', /'pkey'/],
  ])('%s %s', async (parameters, body, message, status = 400) => {
    await check(server, { query: `command=update${parameters}`, body, message, status });
  });

  it('a delete that a foreign key forbids', async () => {
    await check(server, { query: 'command=delete&type=*&table=bad.parents', status: 409, message: /foreign key/ });
  });
});

describe('tables that an insert would make', () => {
  it.each<[string, RegExp, number?]>([
    ['x'.repeat(65), /^Identifier name 'x{65}' is too long/],
    ['a%00b', /^table: "a\\u0000b" cannot be the name of a table/],
    ['a%0Ab', /^table: "a\\nb" cannot be the name of a table/],
    ['a%20', /^table: "a " cannot be the name of a table/],
    ['nowhere.a', /^Unknown database 'nowhere'/, 404],
    ['information_schema.a', /^Unknown database 'information_schema'/, 404],
    ['a.b.c', /^table: 'a.b.c' is not db\.table/],
  ])('%s', async (table, message, status = 400) => {
    await check(server, { query: `command=insert&table=${table}`, body: '{"a":1}', message, status });
    await check(server, { query: `command=insert&table=${table}`, body: '{"a\\n":1}', message: /./, status });
  });

  it('nor is the default table made, or its database, by a body that is wrong', async () => {
    const connection = await connectDriver(server);
    await connection.query('DROP DATABASE main');
    await check(server, { query: 'command=insert', body: '{"pkey":"x"}', message: /^body: pkey/, status: 400 });
    await check(server, { query: 'command=insert', body: '{"a":1,"A":1}', message: /^body: 'A'/, status: 400 });
    await check(server, { query: 'command=insert', body: '{"a":', message: /^body: broken/, status: 400 });
    expect(await rowsOf(connection, "SHOW DATABASES LIKE 'main'")).toEqual([]);
    await connection.end();
  });
});

describe('statements', () => {
  const json = (value: unknown): string => JSON.stringify(value);
  const good = "INSERT INTO bad.typed (name) VALUES ('z')";
  it.each<[string, string | Uint8Array, RegExp, number?]>([
    [
      'sql',
      Buffer.from('{"sql":"DELETE FROM bad.typed WHERE name = \'\xff\'"}', 'latin1'),
      /^body: bytes that are no UTF-8/,
    ],
    [
      'batch',
      json({ statements: [good, 'DELETE FROM bad.typed', 'SELECT nothing'], atomic: true }),
      /^statements\[2\]: /,
    ],
    [
      'batch',
      json({ statements: [good, "UPDATE bad.typed SET small = 'x'"], atomic: true }),
      /^statements\[1\]: /,
      422,
    ],
    ['batch', json({ statements: ['DELETE FROM bad.parents', good], atomic: true }), /^statements\[0\]: /, 409],
    ['batch', json({ statements: [good, 5] }), /^statements\[1\] is not an object/],
    ['batch', json({ statements: [good, { sql: 'SELECT 1', extra: 1 }] }), /^statements\[1\]: unknown member 'extra'/],
    ['batch', json({ statements: [good], atomic: 'yes' }), /^atomic/],
  ])('/v1/%s: %s', async (route, body, message, status = 400) => {
    await check(server, { query: `/v1/${route}`, body, message, status });
  });
});

describe('HTTP', () => {
  it('methods, paths and bodies that are too large', async () => {
    await check(server, {
      query: 'command=insert',
      method: 'PUT',
      body: '{"uid":1}',
      status: 404,
      message: /^there is no PUT \//,
    });
    await check(server, {
      query: 'command=delete&type=*',
      method: 'DELETE',
      status: 404,
      message: /^there is no DELETE \//,
    });
    await check(server, { query: '/v2/lists/main.feed', status: 404, message: /^there is no GET \/v2\/lists/ });
    const body = new Uint8Array(MAX_HTTP_BODY_BYTES + 1).fill(0x20);
    await check(server, { query: 'command=insert', body, status: 413, message: /too large/i });
  });
});
