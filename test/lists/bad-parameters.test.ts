/** Parameters and addresses that cannot be meant. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_URL_BYTES } from '../../src/limits.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { check, nameOf, send, startWithTables } from './support/bad-requests.ts';

let server: SluiceServer;

beforeAll(async () => {
  server = await startWithTables();
});

afterAll(() => server.stop());

/** `[query, message]`: status 400. */
type Bad = readonly [query: string, message: RegExp, status?: number];

const SELECT = 'command=select&type=*';

describe('parameters', () => {
  const nine = '9'.repeat(401);
  const cases: readonly Bad[] = [
    ['', /^command is missing/],
    ['type=*', /^command is missing/],
    ['command', /^command: unknown ''/],
    ['command=drop&table=main.feed', /^command: unknown 'drop'; there are select, /],
    ['command=SELECT&type=*', /^command: unknown 'SELECT'/],
    ['command=__proto__', /^command: unknown '__proto__'/],
    ['command=select%00&type=*', /^command: unknown 'select\0'/],
    [`command=${'x'.repeat(100_000)}`, /^command: unknown 'x{100}\.\.\.'/],
    [`${SELECT}&wheer=uid:NUMEQ:5`, /^unknown parameter 'wheer'/],
    [`${SELECT}&${'x'.repeat(100_000)}=1`, /^unknown parameter 'x{100}\.\.\.'/],
    ['command=delete&type=*&explain=1', /^explain: delete does not take it/],
    ['command=get&pkey=1&limit_max=1', /^limit_max: get does not take it/],
    ['command=tables&type=*', /^type: tables does not take it/],
    ['command=get', /^pkey is missing/],
    ['command=select', /^type is missing/],
    ['command=select&type=', /^type: '' is neither \* nor count/],
    [`${SELECT}&explain=true`, /^explain: 'true'/],
    [`${SELECT}&limit_max=ten`, /^limit_max: 'ten' is not an integer/],
    [`${SELECT}&limit_max=`, /^limit_max: ''/],
    [`${SELECT}&limit_max=1.5`, /^limit_max: '1\.5'/],
    [`${SELECT}&limit_max=1e3`, /^limit_max: '1e3'/],
    [`${SELECT}&limit_max=0x10`, /^limit_max: '0x10'/],
    [`${SELECT}&limit_max=10,20`, /^limit_max: '10,20'/],
    [`${SELECT}&limit_max=%D9%A3`, /^limit_max: '٣'/],
    [`${SELECT}&limit_max=5%00`, /^limit_max: '5\0'/],
    [`${SELECT}&limit_max=${nine}`, /^limit_max: '9{100}\.\.\.' is not an integer/],
    [`${SELECT}&limit_skip=+5`, /^limit_skip: ' 5'/],
    [`${SELECT}&limit_skip=5;DROP`, /^limit_skip: '5;DROP'/],
    ['command=delete&type=*&limit_max=all', /^limit_max: 'all'/],
    ['command=delete&type=*&limit_skip=none', /^limit_skip: 'none'/],
    [`${SELECT}&order_by=nothing`, /^Unknown column 'nothing' in 'order_by'/],
    [`${SELECT}&order_by=uid&order_sort=DESC`, /^order_sort: 'DESC' is none of STRASC, STRDESC, NUMASC, NUMDESC/],
    [`${SELECT}&order_sort=NUMASC`, /^order_sort is given without order_by/],
    [`${SELECT}&table=nothing`, /^Table 'main\.nothing' doesn't exist/, 404],
    [`${SELECT}&table=nowhere.feed`, /^Table 'nowhere\.feed' doesn't exist/, 404],
    [`${SELECT}&table=`, /^table: '' is not db\.table/],
    [`${SELECT}&table=.`, /^table: '\.' is not db\.table/],
    [`${SELECT}&table=a.b.c`, /^table: 'a\.b\.c' is not db\.table/],
    [`${SELECT}&table=main.feed%00`, /^Table 'main\.feed\0' doesn't exist/, 404],
    [`${SELECT}&table=${'x'.repeat(100_000)}`, /^Identifier name 'x{100}' is too long/],
    ['command=delete&type=*&table=nothing', /^Table 'main\.nothing' doesn't exist/, 404],
    ['command=delete', /^where is missing/],
    ['command=delete&where=', /^where is missing/],
    ['command=delete&type=count&where=uid:NUMEQ:5', /^type: 'count' is not \*/],
    ['command=setindex', /^field is missing/],
    ['command=setindex&field=uid', /^type is missing/],
    ['command=setindex&field=uid&type=', /^type is missing/],
    ['command=setindex&field=uid&type=TDBITBTREE', /^type: 'TDBITBTREE'/],
    ['command=setindex&field=&type=TDBITLEXICAL', /'' in 'field'|^field/],
    ['command=setindex&field=nothing&type=TDBITLEXICAL', /^Unknown column 'nothing' in 'field'/],
    ['command=setindex&field=uid&type=TDBITVOID', /^field: 'uid' has no index/],
    ['command=setindex&field=uid&type=TDBITOPT', /^field: 'uid' has no index/],
    ['command=setindex&field=uid&field=name&type=TDBITLEXICAL', /^field is given twice/],
    ['command=setindex&field=uid&type=TDBITLEXICAL&where=uid:NUMEQ:5', /^where: setindex does not take it/],
    ['command=setindex&field=uid&type=TDBITLEXICAL&table=nothing', /^Table 'main\.nothing' doesn't exist/, 404],
  ];
  for (const [query, message, status = 400] of cases)
    it(nameOf(query), () => check(server, { query, message, status }));

  it.each([
    'command=select',
    'type=*',
    'table=main.feed',
    'where=',
    'order_by=uid',
    'order_sort=NUMASC',
    'limit_skip=0',
    'limit_max=1',
    'explain=0',
  ])('%s twice', async (parameter) => {
    const others = `${SELECT}&order_by=uid&order_sort=NUMASC&table=main.feed&where=&limit_skip=0&limit_max=1&explain=0`;
    const name = parameter.split('=')[0];
    await check(server, {
      query: `${others}&${parameter}`,
      status: 400,
      message: new RegExp(`^${name} is given twice`),
    });
  });

  it.each<[string, string, RegExp]>([
    ['where', `${SELECT}&where=name:STREQ:%ff`, /^where: .*UTF-8/],
    ['where that deletes', 'command=delete&where=name:STREQ:%c3%28', /^where: .*UTF-8/],
    ['order_by', `${SELECT}&order_by=%e6%b1`, /^order_by: .*UTF-8/],
    ['table', `${SELECT}&table=main.%80`, /^table: .*UTF-8/],
    ['name of a parameter', `${SELECT}&%fe=1`, /UTF-8/],
  ])('bytes that are no UTF-8 in a %s', async (_where, query, message) => {
    await check(server, { query, status: 400, message });
  });
});

describe('where', () => {
  const cases: readonly Bad[] = [
    ['uid:NUMIS:5', /^where: 'uid:NUMIS:5': unknown operator 'NUMIS'; there are STREQ, /],
    ['uid:numeq:5', /^where: 'uid:numeq:5': unknown operator 'numeq'/],
    ['uid:!!NUMEQ:5', /unknown operator '!NUMEQ'/],
    ['uid::5', /unknown operator ''/],
    ['uid:toString:5', /unknown operator 'toString'/],
    ['uid', /^where: 'uid': a condition is field:OPERATOR:value/],
    ['uid:NUMEQ', /^where: 'uid:NUMEQ': a condition is/],
    [':NUMEQ:5', /^where: ':NUMEQ:5': the field is missing/],
    ['|', /^where: '.*': a condition is field:OPERATOR:value/],
    ['uid:NUMEQ:5|', /^where: '.*': a condition is field:OPERATOR:value/],
    ['uid:NUMEQ:5||uid:NUMEQ:5', /^where: '.*': a condition is field:OPERATOR:value/],
    ['uid:NUMEQ:5|WHERE', /^where: 'WHERE': a condition is/],
    ['nothing:NUMEQ:5', /^Unknown column 'nothing' in 'where'/],
    ['__proto__:NUMEQ:5', /^Unknown column '__proto__' in 'where'/],
    ['uid%00:NUMEQ:5', /^Unknown column 'uid\0' in 'where'/],
    [`${'x'.repeat(100_000)}:NUMEQ:5`, /^Unknown column 'x{100}' in 'where'/],
    ['name:STRRX:(', /^where: STRRX: '\(' is no regular expression/],
    ['name:!STRRX:a{2,1}', /^where: STRRX: 'a\{2,1\}' is no regular expression/],
    ['name:STRRX:**', /^where: STRRX: '\*\*' is no regular expression/],
    [Array(101).fill('uid:NUMEQ:5').join('|'), /^where: .*more than 100 conditions/],
  ];
  for (const [where, message] of cases)
    it(nameOf(where), async () => {
      const parameter = `where=${encodeURIComponent(where).replaceAll('%2500', '%00')}`;
      for (const command of [SELECT, 'command=count', 'command=delete'])
        await check(server, { query: `${command}&${parameter}`, status: 400, message });
      await check(server, { query: `command=update&${parameter}`, body: '{"uid":1}', status: 400, message });
    });

  it('with a value that is wrong, where others were right', async () => {
    const where = (operand: string): string => `${SELECT}&where=name:STRRX:${operand}&limit_max=5`;
    for (const operand of ['a', 'b', 'a', 'a'])
      expect((await send(server, { query: where(operand) })).status).toBe(200);
    await check(server, { query: where('('), status: 400, message: /^where: STRRX: '\(' is no regular expression/ });
    await check(server, { query: `${where('a')}x`, status: 400, message: /^limit_max: '5x' is not an integer/ });
    await check(server, { query: `${where('a')}|`, status: 400, message: /^limit_max: '5\|' is not an integer/ });
    await check(server, { query: `${where('a')}&limit_max=5`, status: 400, message: /^limit_max is given twice/ });
    await check(server, { query: `${where('a')}&where=`, status: 400, message: /^where is given twice/ });
  });

  it('of a megabyte', async () => {
    const long = (bytes: number): string => `${SELECT}&where=uid:STREQ:${'x'.repeat(bytes)}`;
    const fits = await send(server, { query: long(MAX_URL_BYTES - 100) });
    expect([fits.status, await fits.text()]).toEqual([200, '[]']);
    await check(server, { query: long(MAX_URL_BYTES), status: 414, message: /^the URL is longer than 1048576 bytes/ });
    await check(server, {
      query: long(2 * MAX_URL_BYTES),
      status: 431,
      message: /^the URL and headers exceed \d+ bytes/,
    });
    await check(server, {
      query: `${SELECT}&where=uid:${'X'.repeat(1e6)}:1`,
      status: 400,
      message: /unknown operator 'X{100}\.\.\.'/,
    });
    await check(server, {
      query: `command=delete&where=${'uid:NUMEQ:1|'.repeat(80_000)}`,
      status: 400,
      message: /^where: /,
    });
    // As a form it may be longer.
    const form = { query: '', form: true };
    const found = await send(server, { ...form, body: `${long(5 * MAX_URL_BYTES)}` });
    expect([found.status, await found.text()]).toEqual([200, '[]']);
    const wrong = `${SELECT}&where=uid:NUMEQ:${'x'.repeat(5 * MAX_URL_BYTES)}|nothing:STREQ:`;
    await check(server, { ...form, body: wrong, status: 400, message: /^Unknown column 'nothing' in 'where'/ });
    await check(server, {
      ...form,
      body: new Uint8Array([...Buffer.from(`${SELECT}&where=uid:STREQ:`), 0xff]),
      status: 400,
      message: /^where: .*UTF-8/,
    });
  });
});

describe('pages', () => {
  const cases: readonly Bad[] = [
    ['main.feed?count=yes', /^count: 'yes' is neither true nor false/],
    ['main.feed?count=', /^count: '' is neither/],
    ['main.feed?count=true&count=true', /^count is given twice/],
    ['main.feed?limit_max=1&limit_max=2', /^limit_max is given twice/],
    ['main.feed?limit_max=ten', /^limit_max: 'ten' is not an integer/],
    ['main.feed?type=*', /^type: a page does not take it/],
    ['main.feed?command=delete&type=*', /^command: a page does not take it/],
    ['main.feed?table=bad.typed', /^table: it is in the path/],
    ['main.feed?wher=uid:NUMEQ:1', /^unknown parameter 'wher'/],
    ['main.feed?where=uid:NUMIS:1', /^where: 'uid:NUMIS:1': unknown operator 'NUMIS'/],
    ['main.feed?where=name:STRRX:(', /^where: STRRX: '\(' is no regular expression/],
    ['main.feed?where=name:STREQ:%ff', /^where: bytes that are no UTF-8/],
    ['main.feed?where=nothing:NUMEQ:1', /^Unknown column 'nothing' in 'where'/],
    ['main.feed?order_by=nothing', /^Unknown column 'nothing' in 'order_by'/],
    ['main.feed?order_by=uid,,name', /^order_by: 'uid,,name' has an empty field/],
    ['main.feed?order_by=uid,name,pkey,uid', /^order_by: more than 3 fields/],
    ['main.feed?order_by=uid&order_sort=NUMASC,NUMDESC', /^order_sort has more sorts than order_by has fields/],
    ['main.feed?order_by=uid,name&order_sort=NUMASC,DOWN', /^order_sort: 'DOWN' is none of/],
    ['main.nothing', /^Table 'main\.nothing' doesn't exist/, 404],
    ['a.b.c', /^table: 'a\.b\.c' is not db\.table/],
    [`main.${'x'.repeat(500)}`, /^Identifier name 'x{100}' is too long/],
    ['', /^table: the path ends where its name is expected/],
    ['%ff', /^'\/v1\/lists\/%ff.*' is not a valid url component/],
  ];
  for (const [path, message, status = 400] of cases)
    it(nameOf(path), async () => {
      const query = `/v1/lists/${path}`;
      await check(server, { query, status, message });
      await check(server, {
        query: `${query}${path.includes('?') ? '&' : '?'}_=1`,
        accept: 'text/event-stream',
        status,
        message,
      });
    });

  it('live, without an end', async () => {
    const accept = 'text/event-stream';
    const message = /^limit_max is missing: a live list is a page/;
    await check(server, { query: '/v1/lists/main.feed', accept, status: 400, message });
    await check(server, { query: '/v1/lists/main.feed?limit_max=-1', accept, status: 400, message });
  });
});
