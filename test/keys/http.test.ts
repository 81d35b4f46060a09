/** Keys over HTTP, through a real server: every operation, its conditions, its errors. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { error, HttpKeys, Raw } from './support/http-keys.ts';

let server: SluiceServer;
let keys: HttpKeys;

beforeAll(async () => {
  server = await startSluice();
  keys = new HttpKeys(server);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
});
beforeEach(async () => {
  await keys.run('removeAll', { pattern: '*' });
});

const entry = (key: string, value: unknown, more: object = {}) =>
  expect.objectContaining({ key, value, version: expect.any(Number), expiresAt: null, ...more });

async function putUsers(): Promise<void> {
  const entries = [
    ['user.001.name', 'zhang'],
    ['user.001.age', 20],
    ['user.002.name', 'Li'],
    ['user.002.age', 25],
    ['user.003.name', 'liu'],
    ['user.003.age', 17],
  ];
  await keys.run('putMany', { entries });
}

describe('one key', () => {
  it('is put, read and removed by its path', async () => {
    const first = await keys.put('user.001.age', 20);
    const { version } = first.body as { version: number };
    expect(first).toMatchObject({ status: 201, body: { previous: null, version: expect.any(Number) } });
    expect(await keys.get('user.001.age')).toMatchObject({ body: { version } });
    expect(await keys.put('user.001.age', 21)).toMatchObject({ status: 200, body: { previous: { value: 20 } } });
    const { status, body, headers } = await keys.get('user.001.age');
    expect([status, body]).toEqual([200, entry('user.001.age', 21, { type: 'integer' })]);
    expect(headers.get('etag')).toBe(`"${(body as { version: number }).version}"`);
    expect(await keys.remove('user.001.age')).toMatchObject({ status: 200, body: { previous: { value: 21 } } });
    expect(await keys.remove('user.001.age')).toMatchObject({ status: 200, body: { previous: null } });
    expect(await keys.get('user.001.age')).toEqual(error(404, 'HTTP_NO_SUCH_KEY', "no key 'user.001.age'"));
  });

  it.each(['江.湖', 'a/b?c#d', 'a%2Fb', 'a b+c', '😀', 'batch', 'transaction', 'watch', 'k'.repeat(256)])(
    'may be %s',
    async (key) => {
      await keys.put(key, key);
      expect((await keys.get(key)).body).toEqual(entry(key, key));
      expect((await keys.find({ find: '*' })).body).toEqual({ entries: [entry(key, key)], cursor: null });
    },
  );

  it.each([
    [null, 'null'],
    [true, 'boolean'],
    [1.5, 'double'],
    ['', 'string'],
    [{ $number: 'NaN' }, 'double'],
    [{ $number: '-0' }, 'double'],
    [{ $bigint: '123456789012345678901234567890' }, 'bigint'],
    [{ $date: 0 }, 'date'],
    [{ $bytes: 'AP8=' }, 'bytes'],
    [[1, [{ $date: 5 }]], 'array'],
    [{ a: { $set: [1] } }, 'object'],
    [{ $object: [['$date', 1]] }, 'object'],
    [{ $map: [[{ $bigint: '1' }, null]] }, 'map'],
    [{ $set: [{ $map: [] }] }, 'set'],
    [{ $pointer: 'user.001' }, 'pointer'],
  ])('comes back as it was put: %j', async (value, type) => {
    await keys.put('v', value);
    expect((await keys.get('v')).body).toEqual(entry('v', value, { type }));
  });

  it('is put on conditions, told as parameters or as headers', async () => {
    expect(await keys.put('a', 1, '?if_present=true')).toEqual(error(412, 'HTTP_CONDITION_FAILED', 'no such key'));
    expect((await keys.put('a', 1, '?if_absent=true')).status).toBe(201);
    const version = ((await keys.get('a')).body as { version: number }).version;
    expect(await keys.put('a', 2, '?if_absent=true')).toEqual(
      error(412, 'HTTP_CONDITION_FAILED', `version ${version}`),
    );
    expect((await keys.put('a', 2, '', { 'if-none-match': '*' })).status).toBe(412);
    expect((await keys.put('a', 2, `?if_version=${version + 1}`)).status).toBe(412);
    expect((await keys.put('a', 2, '', { 'if-match': `"${version + 1}"` })).status).toBe(412);
    expect((await keys.get('a')).body).toEqual(entry('a', 1));
    expect((await keys.put('a', 2, '', { 'if-match': `"${version}"` })).status).toBe(200);
    expect((await keys.put('a', 3, '', { 'if-match': '*' })).status).toBe(200);
    expect((await keys.put('a', 3, '?if_version=0')).status).toBe(412);
    expect((await keys.remove('a', { 'if-match': `"${version}"` })).status).toBe(412);
    expect((await keys.remove('b', { 'if-match': '*' })).status).toBe(412);
    const now = ((await keys.get('a')).body as { version: number }).version;
    expect(await keys.get('a', '', { 'if-none-match': `"1", W/"${now}"` })).toMatchObject({ status: 304, body: null });
    expect(await keys.remove('a', { 'if-match': `"${now}"` })).toMatchObject({
      status: 200,
      body: { previous: { value: 3 } },
    });
    expect(await keys.put('a', 1, '', { 'if-match': '"1", "2"' })).toEqual(
      error(400, 'HTTP_BAD_REQUEST', 'one version'),
    );
    expect(await keys.put('a', 1, '', { 'if-none-match': '"1"' })).toEqual(error(400, 'HTTP_BAD_REQUEST', "is '*'"));
  });

  it('is read with the type that is expected, or not at all', async () => {
    await keys.put('n', 20);
    await keys.run('putPointer', { key: 'p', target: 'n' });
    expect((await keys.get('n', '?type=integer')).body).toEqual(entry('n', 20));
    expect((await keys.get('n', '?type=number')).status).toBe(200);
    expect((await keys.get('p', '?type=number&point=true')).body).toMatchObject({ key: 'n', value: 20 });
    expect(await keys.get('n', '?type=string')).toEqual(
      error(422, 'SLUICE_KEY_TYPE', "'n' holds a value of type integer, not string"),
    );
    expect(await keys.get('p', '?type=bigint&point=true')).toEqual(
      error(422, 'SLUICE_KEY_TYPE', 'integer, not bigint'),
    );
    expect(await keys.get('n', '?type=float')).toEqual(
      error(400, 'ER_BAD_PARAMETER', "type: 'float' is none of number, null"),
    );
    expect((await keys.get('nobody', '?type=string')).status).toBe(404);
  });

  it('expires', async () => {
    const before = Date.now();
    await keys.put('a', 1, '?ttl=60000');
    const { expiresAt } = (await keys.get('a')).body as { expiresAt: number };
    expect(expiresAt).toBeGreaterThanOrEqual(before + 60_000);
    await keys.put('a', 2, '?keep_ttl=true');
    expect((await keys.get('a')).body).toMatchObject({ value: 2, expiresAt });
    expect(await keys.run('expire', { key: 'a', expiresAt: null })).toBe(true);
    expect((await keys.get('a')).body).toMatchObject({ value: 2, expiresAt: null });
    expect(await keys.run('expire', { key: 'a', ttl: 1 })).toBe(true);
    await expect.poll(async () => (await keys.get('a')).status).toBe(404);
    expect(await keys.run('expire', { key: 'a', ttl: 1 })).toBe(false);
    await keys.put('a', 1, `?expires_at=${Date.now() - 1}`);
    expect((await keys.get('a')).status).toBe(404);
  });
});

describe('operations by name', () => {
  it('are all there', async () => {
    await putUsers();
    const results: unknown[] = [];
    for (const [op, members] of [
      ['put', { key: 'a', value: 'x', ttl: 60_000 }],
      ['put', { key: 'a', value: 'y', ifAbsent: true }],
      ['getEntry', { key: 'user.001.age' }],
      ['getEntry', { key: 'nobody' }],
      ['getMany', { keys: ['user.002.age', 'nobody', 'user.001.age'] }],
      ['add', { key: 'n', n: 2 }],
      ['add', { key: 'big', n: { $bigint: '18446744073709551616' } }],
      ['append', { key: 't', addition: 'ab' }],
      ['append', { key: 'bytes', addition: { $bytes: 'AP8=' } }],
      ['setBit', { key: 'bits', bit: 9, value: 1 }],
      ['getBit', { key: 'bits', bit: 9 }],
      ['bitCount', { key: 'bits' }],
      ['bitCount', { key: 'bits', from: 0, to: 9 }],
      ['bitOp', { operator: 'or', target: 'more', sources: ['bits', 't'] }],
      ['getBytes', { key: 'more' }],
      ['getEntry', { key: 'bits' }],
      ['putPointer', { key: 'p', target: 'user.001' }],
      ['getPointer', { key: 'p', subKeys: ['.age'] }],
      ['getPointer', { key: 'p', subKeys: ['.height'] }],
      ['find', { pattern: 'user.*.age', filter: { test: 'gt', operands: [18] }, reverse: true, limit: 1 }],
      ['count', { pattern: 'user.*', filter: { test: 'contains', operands: ['i'] } }],
      ['countKeys', { query: { find: 'user.*', superKeys: 2 } }],
      ['removeMany', { keys: ['n', 'nobody'] }],
      ['remove', { key: 't' }],
      ['removeAll', { pattern: 'user.*' }],
    ] as const)
      results.push(await keys.run(op, members));
    expect(results).toEqual([
      { done: true, previous: null },
      { done: false, previous: expect.objectContaining({ key: 'a', value: 'x' }) },
      entry('user.001.age', 20),
      null,
      [entry('user.002.age', 25), entry('user.001.age', 20)],
      2,
      { $bigint: '18446744073709551616' },
      'ab',
      { $bytes: 'AP8=' },
      0,
      1,
      1,
      0,
      2,
      { $bytes: 'YWI=' },
      entry('bits', { $bits: 2 }, { type: 'bits' }),
      { done: true, previous: null },
      { key: 'user.001.age', hops: 1, dangling: false, type: 'integer', value: 20 },
      { key: 'user.001.height', hops: 1, dangling: true },
      { entries: [entry('user.002.age', 25)], cursor: expect.any(String) },
      2,
      3,
      1,
      entry('t', 'ab'),
      6,
    ]);
  });

  it('work out sets of keys in the store', async () => {
    await putUsers();
    const older = { find: 'user.*.age', filter: { test: 'ge', operands: [18] }, superKeys: 2 };
    const named = {
      find: 'user.*.name',
      filter: {
        test: 'or',
        filters: [
          { test: 'contains', operands: ['Li'] },
          { test: 'startsWith', operands: ['li'] },
        ],
      },
      superKeys: 2,
    };
    const found = async (op: string) => await keys.run('findKeys', { query: { op, sets: [older, named] } });
    expect(await found('and')).toEqual({ keys: ['user.002'], cursor: null });
    expect(await found('or')).toEqual({ keys: ['user.001', 'user.002', 'user.003'], cursor: null });
    expect(await found('except')).toEqual({ keys: ['user.001'], cursor: null });
    const query = { op: 'except', sets: [{ find: '*' }, { find: 'user.*.age' }], superKeys: 2 };
    expect(await keys.run('countKeys', { query })).toBe(3);
    expect(await keys.run('findKeys', { query, limit: 1, reverse: true })).toMatchObject({ keys: ['user.003'] });
  });
});

describe('a find', () => {
  beforeEach(putUsers);
  const keysOf = ({ body }: { body: unknown }) =>
    (body as { entries: { key: string }[] }).entries.map(({ key }) => key);

  it('takes all its options as parameters', async () => {
    const filter = JSON.stringify({ test: 'between', operands: [17, 25] });
    expect(keysOf(await keys.find({ find: 'user.*', filter }))).toEqual(['user.001.age']);
    expect((await keys.find({ find: 'user.*', keys_only: 'true', limit: '2' })).body).toEqual({
      keys: ['user.001.age', 'user.001.name'],
      cursor: expect.any(String),
    });
    const byValue = { find: 'user.*.age', order_by: 'value', reverse: 'true' };
    expect(keysOf(await keys.find(byValue))).toEqual(['user.002.age', 'user.001.age', 'user.003.age']);
    expect((await keys.find({ ...byValue, keys_only: 'true' })).body).toEqual({
      keys: ['user.002.age', 'user.001.age', 'user.003.age'],
      cursor: null,
    });
    expect((await keys.find({ find: 'user.*', super_keys: '2' })).body).toEqual({
      keys: ['user.001', 'user.002', 'user.003'],
      cursor: null,
    });
    expect((await keys.find({ find: 'user.*', count: 'true' })).body).toEqual({ count: 6 });
    expect((await keys.find({ find: 'user.*', count: 'true', super_keys: '1' })).body).toEqual({ count: 1 });
    await keys.run('putPointer', { key: 'best', target: 'user.001.age' });
    const pointed = { find: 'best', filter: JSON.stringify({ test: 'eq', operands: [20] }), point: 'true' };
    expect((await keys.find(pointed)).body).toEqual({ entries: [entry('best', 20)], cursor: null });
    expect((await keys.get('best', '?point=true')).body).toMatchObject({ key: 'user.001.age', value: 20, hops: 1 });
  });

  it('goes on with its cursor, also when keys come and go', async () => {
    const found: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await keys.find({ find: 'user.*', limit: '2', ...(cursor !== '' && { cursor }) });
      found.push(...keysOf(page));
      cursor = (page.body as { cursor: string | null }).cursor;
      if (found.length === 2) {
        await keys.remove('user.001.age');
        await keys.put('user.000', 'behind');
        await keys.put('user.002.b', 'before');
      }
    }
    expect(found).toEqual([
      'user.001.age',
      'user.001.name',
      'user.002.age',
      'user.002.b',
      'user.002.name',
      'user.003.age',
      'user.003.name',
    ]);
  });

  it('of more than 10,000 without a limit is an error, not a part', async () => {
    const entries = Array.from({ length: 10_001 }, (_, i) => [`many.${i}`, i]);
    await keys.run('putMany', { entries });
    expect(await keys.find({ find: 'many.*' })).toEqual(error(413, 'SLUICE_ROW_LIMIT', '10000'));
    expect(await keys.find({ find: 'many.*', keys_only: 'true' })).toEqual(error(413, 'SLUICE_ROW_LIMIT'));
    expect(await keys.post('/v1/keys', { op: 'find', pattern: 'many.*' })).toEqual(error(413, 'SLUICE_ROW_LIMIT'));
    await keys.remove('many.7');
    expect(keysOf(await keys.find({ find: 'many.*' }))).toHaveLength(10_000);
  });
});

describe('a find as lines', () => {
  const lines = async (query: string): Promise<unknown[]> => {
    const response = await fetch(`${server.httpUrl}/v1/keys?${query}`, { headers: { accept: 'application/x-ndjson' } });
    const text = await response.text();
    expect([response.headers.get('content-type'), text.endsWith('\n')]).toEqual([
      'application/x-ndjson; charset=utf-8',
      true,
    ]);
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };

  it('has a line for each entry or key, and tells their number at last', async () => {
    await putUsers();
    const age = entry('user.001.age', 20);
    expect(await lines('find=user.001.*')).toEqual([age, entry('user.001.name', 'zhang'), { count: 2 }]);
    expect(await lines('find=user.*.age&order_by=value&limit=1')).toEqual([entry('user.003.age', 17), { count: 1 }]);
    expect(await lines('find=user.*.age&keys_only=true&reverse=true')).toEqual([
      'user.003.age',
      'user.002.age',
      'user.001.age',
      { count: 3 },
    ]);
    expect(await lines('find=nobody.*')).toEqual([{ count: 0 }]);
    await keys.run('putPointer', { key: 'p', target: 'user.001.age' });
    expect(await lines('find=p&point=true')).toEqual([entry('p', 20), { count: 1 }]);
    const headers = { accept: 'application/x-ndjson' };
    expect(await keys.ask('/v1/keys?find=*&count=true', { headers })).toEqual(
      error(501, 'ER_NOT_SUPPORTED_YET', 'count'),
    );
    expect(await keys.ask('/v1/keys?find=*&super_keys=1', { headers })).toEqual(
      error(501, 'ER_NOT_SUPPORTED_YET', 'super_keys'),
    );
    expect(await keys.ask('/v1/keys?find=a**', { headers })).toEqual(error(400, 'SLUICE_BAD_PATTERN'));
  });
});

describe('a batch', () => {
  it('is one commit, of which each has its own outcome', async () => {
    await keys.put('s', 'text');
    const operations = [
      { op: 'put', key: 'a', value: 1 },
      { op: 'add', key: 's', n: 1 },
      { op: 'add', key: 'a', n: 1 },
    ];
    const { body } = await keys.post('/v1/keys/batch', { operations });
    expect(body).toEqual({
      results: [
        { result: { done: true, previous: null } },
        { error: expect.objectContaining({ code: 'SLUICE_KEY_TYPE', sqlstate: '22018', retryable: false }) },
        { result: 2 },
      ],
    });
    expect(await keys.post('/v1/keys/batch', { atomic: true, operations })).toEqual(error(422, 'SLUICE_KEY_TYPE'));
    expect((await keys.get('a')).body).toEqual(entry('a', 2));
  });

  it('does nothing where a version is another than expected', async () => {
    await keys.put('a', 1);
    const { version } = (await keys.get('a')).body as { version: number };
    const operations = [{ op: 'put', key: 'b', value: 1 }];
    const of = (expect: object) => keys.post('/v1/keys/batch', { operations, expect });
    expect(await of({ a: version + 1 })).toEqual(error(412, 'HTTP_CONDITION_FAILED'));
    expect(await of({ b: 1 })).toEqual(error(412, 'HTTP_CONDITION_FAILED'));
    expect((await of({ a: version, b: 0 })).status).toBe(200);
    expect(await of({ a: version, b: 0 })).toEqual(error(412, 'HTTP_CONDITION_FAILED'));
  });
});

describe('bad input', () => {
  const path = '/v1/keys';

  it.each([
    ['an empty segment', 'PUT', '/a..b', '1', 400, 'SLUICE_BAD_KEY', 'a segment is empty'],
    ['a dot at the end', 'GET', '/a.', '', 400, 'SLUICE_BAD_KEY', 'a segment is empty'],
    ['a star in a key', 'PUT', '/a.*', '1', 400, 'SLUICE_BAD_KEY', "'*' belongs to patterns"],
    ['a control character', 'PUT', '/a%00b', '1', 400, 'SLUICE_BAD_KEY', 'control character'],
    ['a key that is too long', 'PUT', `/${'k'.repeat(257)}`, '1', 400, 'SLUICE_BAD_KEY', 'longer than 256 bytes'],
    ['a key that is much too long', 'GET', `/${'k'.repeat(5000)}`, '', 400, 'SLUICE_BAD_KEY', 'longer than 256 bytes'],
    ['a key that is no UTF-8', 'GET', '/%ff', '', 400, 'HTTP_BAD_REQUEST', ''],
    ['no value', 'PUT', '/a', '', 400, 'HTTP_BAD_JSON', 'the body is no JSON'],
    ['half a value', 'PUT', '/a', '{"a":', 400, 'HTTP_BAD_JSON', 'the body is no JSON'],
    ['a value that JSON rounds', 'PUT', '/a', '9007199254740993', 400, 'ER_BAD_PARAMETER', '{"$bigint":"..."}'],
    ['an unknown form', 'PUT', '/a', '{"$oid":"x"}', 400, 'ER_BAD_PARAMETER', '$object'],
    ['half a character', 'PUT', '/a', '"\\ud800"', 422, 'SLUICE_BAD_KEY_VALUE', 'surrogate'],
    ['a value that is too large', 'PUT', '/a', `"${'x'.repeat(2 ** 21 + 1)}"`, 422, 'SLUICE_BAD_KEY_VALUE', '2097152'],
    ['a value that is too deep', 'PUT', '/a', '['.repeat(200) + ']'.repeat(200), 400, 'ER_BAD_PARAMETER', '100 levels'],
    ['an unknown parameter', 'GET', '/a?ttl=1', '', 400, 'ER_BAD_PARAMETER', "unknown parameter 'ttl'"],
    ['a parameter twice', 'PUT', '/a?ttl=1&ttl=2', '1', 400, 'ER_BAD_PARAMETER', 'ttl is given twice'],
    ['no number', 'PUT', '/a?ttl=soon', '1', 400, 'ER_BAD_PARAMETER', "ttl: 'soon' is no whole number"],
    ['no time to live', 'PUT', '/a?ttl=0', '1', 400, 'ER_BAD_PARAMETER', 'ttl'],
    ['ttl and expires_at', 'PUT', '/a?ttl=5&expires_at=5', '1', 400, 'ER_BAD_PARAMETER', 'exclude each other'],
    ['no flag', 'PUT', '/a?if_absent=1', '1', 400, 'ER_BAD_PARAMETER', 'neither true nor false'],
    ['no pattern', 'GET', '', '', 400, 'ER_BAD_PARAMETER', 'find is missing'],
    ['two stars in a segment', 'GET', '?find=a*b*', '', 400, 'SLUICE_BAD_PATTERN', "more than one '*'"],
    ['an empty segment in a pattern', 'GET', '?find=a..*', '', 400, 'SLUICE_BAD_PATTERN', 'a segment is empty'],
    ['a filter that is no JSON', 'GET', '?find=*&filter=x', '', 400, 'HTTP_BAD_JSON', 'filter is no JSON'],
    [
      'an unknown test',
      'GET',
      `?find=*&filter={"test":"like","operands":["x"]}`,
      '',
      400,
      'ER_BAD_PARAMETER',
      "'like'",
    ],
    ['a test of nothing', 'GET', `?find=*&filter={"test":"gt"}`, '', 400, 'ER_BAD_PARAMETER', 'operands is missing'],
    [
      'a bad expression',
      'GET',
      `?find=*&filter={"test":"matches","operands":["("]}`,
      '',
      400,
      'ER_BAD_PARAMETER',
      'regular',
    ],
    ['a limit of nothing', 'GET', '?find=*&limit=0', '', 400, 'ER_BAD_PARAMETER', "limit: '0'"],
    ['a cursor of nobody', 'GET', '?find=*&cursor=x', '', 400, 'ER_BAD_PARAMETER', 'cursor'],
    ['an unknown order', 'GET', '?find=*&order_by=age', '', 400, 'ER_BAD_PARAMETER', "order by 'age'"],
    [
      'a count of a page',
      'GET',
      '?find=*&count=true&limit=5',
      '',
      400,
      'ER_BAD_PARAMETER',
      "unknown parameter 'limit'",
    ],
    ['values of super keys', 'GET', '?find=*&super_keys=1&order_by=value', '', 400, 'ER_BAD_PARAMETER', 'super_keys'],
  ])('%s', async (_, method, rest, body, status, code, part) => {
    const init = method === 'GET' ? {} : { method, body };
    expect(await keys.ask(path + rest, init)).toEqual(error(status, code, part));
  });

  it.each([
    ['no operation', {}, 'op is missing'],
    ['an unknown operation', { op: 'drop' }, "there is no operation 'drop'; there are put,"],
    ['an inherited name', { op: 'toString' }, "there is no operation 'toString'"],
    ['an unknown member', { op: 'getEntry', key: 'a', ttl: 1 }, "unknown member 'ttl'; there are session, op, key"],
    ['no key', { op: 'put', value: 1 }, 'key is missing'],
    ['a key that is no text', { op: 'getEntry', key: 1 }, 'key is no text'],
    ['no value', { op: 'put', key: 'a' }, 'value is missing'],
    ['keys that are none', { op: 'getMany', keys: ['a', 1] }, 'keys is no array of texts'],
    ['entries that are none', { op: 'putMany', entries: [['a', 1], ['b']] }, 'entries[1]: no pair'],
    ['text to add', { op: 'add', key: 'a', n: '1' }, 'add: string is no number'],
    ['a number to append', { op: 'append', key: 'a', addition: 1 }, 'append: text or bytes'],
    ['a bit of 2', { op: 'setBit', key: 'a', bit: 1, value: 2 }, "'2' is no bit"],
    ['a bit that is too far', { op: 'setBit', key: 'a', bit: 100_000_000, value: 1 }, 'is not from 0 to 99999999'],
    ['a bit before the first', { op: 'getBit', key: 'a', bit: -1 }, 'is not from 0'],
    ['an unknown operator', { op: 'bitOp', operator: 'nor', target: 'a', sources: ['b'] }, "'nor'"],
    ['no sources', { op: 'bitOp', operator: 'or', target: 'a', sources: [] }, 'of no keys'],
    ['no expiry', { op: 'expire', key: 'a' }, 'either ttl or expiresAt is given'],
    ['no set', { op: 'findKeys' }, 'query: not an object'],
    [
      'an unknown combination',
      { op: 'findKeys', query: { op: 'nor', sets: [{ find: '*' }] } },
      "'nor' combines no sets",
    ],
    [
      'a set of nothing',
      { op: 'findKeys', query: { op: 'and', sets: [{ find: '*' }, 1] } },
      'query: sets[1]: not an object',
    ],
    ['super keys of nothing', { op: 'findKeys', query: { find: '*', superKeys: 0 } }, 'superKeys'],
    ['a session that is no text', { op: 'getEntry', key: 'a', session: 1 }, 'session is no text'],
  ])('in an operation: %s', async (_, body, part) => {
    expect(await keys.post('/v1/keys', body)).toEqual(error(400, 'ER_BAD_PARAMETER', part));
  });

  it('of wrong types changes nothing', async () => {
    await keys.put('t', 'text');
    await keys.put('n', 1);
    for (const [op, members] of [
      ['add', { key: 't', n: 1 }],
      ['append', { key: 'n', addition: 'x' }],
      ['append', { key: 't', addition: { $bytes: '' } }],
      ['setBit', { key: 'n', bit: 1, value: 1 }],
      ['bitCount', { key: 'n' }],
      ['bitOp', { operator: 'or', target: 'x', sources: ['n'] }],
      ['add', { key: 'n', n: { $bigint: '1' } }],
    ] as const)
      expect(await keys.post('/v1/keys', { op, ...members })).toEqual(
        error(422, 'SLUICE_KEY_TYPE', 'holds a value of type'),
      );
    expect([(await keys.get('t')).body, (await keys.get('n')).body]).toMatchObject([{ value: 'text' }, { value: 1 }]);
    expect((await keys.get('x')).status).toBe(404);
  });

  it('in a batch names its place', async () => {
    const batch = (operations: unknown) => keys.post('/v1/keys/batch', { operations });
    expect(await batch([{ op: 'getEntry', key: 'a' }, { op: 'nothing' }])).toEqual(
      error(400, 'ER_BAD_PARAMETER', "operations[1]: there is no operation 'nothing'"),
    );
    expect(await batch('x')).toEqual(error(400, 'ER_BAD_PARAMETER', 'operations is no array'));
    expect(await keys.post('/v1/keys/batch', new Raw('[]'))).toEqual(error(400, 'HTTP_BAD_JSON', 'not a JSON object'));
    expect(await keys.post('/v1/keys/batch', { operations: [], expect: { a: 'x' } })).toEqual(
      error(400, 'ER_BAD_PARAMETER', 'expect: a is no number'),
    );
  });
});
