import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ColumnDefinition } from '../stores/schema.ts';
import { SeededRandom } from '../util/random.ts';
import { listTable } from './columns.ts';
import { matcherOf, parseWhere } from './condition.ts';
import { ListStore, TEST_FORMS } from './list-store.suite.ts';
import { numberFromText } from './operators/number-from-text.ts';
import { rowWriter } from './row-json.ts';

let store: ListStore;
beforeEach(() => {
  store = new ListStore(1000);
});
afterEach(() => store.close());

function pkeys(parameters: string): string[] {
  return (store.json(parameters) as { pkey: string }[]).map((row) => row.pkey);
}

describe('a table without a schema', () => {
  it('is there and empty before the first insert, if it is the default one', () => {
    expect(store.run('command=select&type=*&where=any:STREQ:x')).toBe('[]');
    expect(store.run('command=select&type=count')).toBe('0');
    expect(store.run('command=get&pkey=1')).toBe('[]');
    expect(store.run('command=delete&type=*')).toBe('{"ok":true,"affected":0}');
    expect(store.run('command=update', '{"a":1}')).toBe('{"ok":true,"affected":0}');
    expect(() => store.run('command=select&type=*&table=main.other')).toThrow(/Table 'main.other' doesn't exist/);
    expect(() => store.run('command=insert&table=nowhere.t', '{"a":1}')).toThrow(/Unknown database 'nowhere'/);
  });

  it('takes what is inserted, as text, in the order of its columns', () => {
    expect(store.run('command=insert', '{"uid":3,"pkey":7,"price":3.50,"big":12345678901234567890,"e":1e3}')).toBe(
      '{"ok":true,"affected":1,"pkey":"7"}',
    );
    expect(store.run('command=select&type=*')).toBe(
      '[{"pkey":"7","uid":"3","price":"3.50","big":"12345678901234567890","e":"1e3"}]',
    );
    expect(store.run('command=insert', '{"new":"x","uid":4}')).toMatch(/"pkey":"\d+"/);
    expect(store.json('command=select&type=*&where=uid:NUMEQ:4')).toEqual([
      { pkey: expect.any(String), uid: '4', new: 'x' },
    ]);
  });

  it('leaves out missing fields, whatever the values look like', () => {
    const odd = 'x","a":null,"b":"\\ \u0001\n\u2028';
    store.run(
      'command=insert',
      JSON.stringify([
        { pkey: 1, a: null, b: odd },
        { pkey: 2, a: ':null' },
        { pkey: 3, b: '' },
      ]),
    );
    expect(store.json('command=select&type=*')).toEqual([
      { pkey: '1', b: odd },
      { pkey: '2', a: ':null' },
      { pkey: '3', b: '' },
    ]);
    expect(store.engine.catalog.table('main', 'feed')?.columns.map((column) => column.name)).toEqual([
      'pkey',
      'b',
      'a',
    ]);
  });

  it('replaces a row with the same pkey whole', () => {
    store.run('command=insert', '{"pkey":1,"a":"x","b":"y"}');
    expect(store.run('command=insert', '{"pkey":"1","b":"z"}')).toBe('{"ok":true,"affected":1,"pkey":"1"}');
    expect(store.run('command=select&type=*')).toBe('[{"pkey":"1","b":"z"}]');
  });

  it('answers an array with all its keys', () => {
    store.run('command=insert', '{"pkey":5,"a":"x"}');
    const { pkey, affected } = store.json(
      'command=insert',
      '[{"a":1},{"pkey":9007199254740993,"a":2},{"pkey":0},{"pkey":-4}]',
    ) as {
      pkey: string[];
      affected: number;
    };
    expect(affected).toBe(4);
    expect(pkey.slice(1)).toEqual(['9007199254740993', '0', '-4']);
    expect(pkeys('command=select&type=*&order_by=pkey&order_sort=NUMASC')).toEqual(
      ['-4', '0', '5', pkey[0] ?? '', '9007199254740993'].sort((a, b) => Number(a) - Number(b)),
    );
    expect(store.run('command=get&pkey=9007199254740993')).toBe('[{"pkey":"9007199254740993","a":"2"}]');
    expect(store.run('command=insert', '[]')).toBe('{"ok":true,"affected":0,"pkey":[]}');
  });

  it('predicts generated keys as the store gives them', () => {
    const body = '[{"a":1},{"a":2},{"pkey":50000,"a":3},{"a":4},{"pkey":3,"a":5},{"a":6}]';
    const { pkey } = store.json('command=insert', body) as { pkey: string[] };
    const stored = store.json('command=select&type=*') as { pkey: string; a: string }[];
    for (const { pkey: key, a } of stored) expect(pkey[Number(a) - 1]).toBe(key);
  });

  it.each([
    ['{"pkey":"x"}', /body: pkey "x" is not an integer/],
    ['{"pkey":1.5}', /pkey "1.5"/],
    ['{"pkey":1e3}', /pkey "1e3"/],
    ['{"pkey":""}', /pkey "" is not an integer/],
    ['[{"a":1},{"pkey":9223372036854775808}]', /body: element 1: pkey 9223372036854775808 is outside/],
    ['{"pkey":[1]}', /is not an integer/],
    ['{"":1}', /a field has an empty name/],
    ['{"a\\n":1}', /"a\\n" cannot be the name of a field/],
    [`{"${'x'.repeat(65)}":1}`, /cannot be the name of a field/],
    ['{"_sluice_row":1}', /cannot be the name of a field/],
    ['{"a":1,"A":2}', /'A' is given twice in one object/],
    ['{"z":1,"new":2,"Z":3}', /'Z' is given twice in one object/],
    ['{"pkey":2,"PKEY":3}', /'PKEY' is given twice in one object/],
  ])('refuses %s and changes nothing', (body, message) => {
    store.run('command=insert', '{"pkey":1,"z":1}');
    const before = store.engine.catalog.version;
    expect(() => store.run('command=insert', body)).toThrow(message);
    expect(store.run('command=select&type=*')).toBe('[{"pkey":"1","z":"1"}]');
    expect(store.engine.catalog.version).toBe(before);
  });

  it('merges an update into each matching row', () => {
    store.run('command=insert', '[{"pkey":1,"a":"x","b":"1"},{"pkey":2,"a":"x"},{"pkey":3,"a":"y"}]');
    expect(store.run('command=update&where=a:STREQ:x', '{"pkey":99,"b":2,"c":"new"}')).toBe('{"ok":true,"affected":2}');
    expect(store.run('command=update&where=a:STREQ:nobody', '{"b":3}')).toBe('{"ok":true,"affected":0}');
    expect(store.run('command=update&where=pkey:NUMEQ:2', '{"a":null}')).toBe('{"ok":true,"affected":1}');
    expect(store.json('command=select&type=*')).toEqual([
      { pkey: '1', a: 'x', b: '2', c: 'new' },
      { pkey: '2', b: '2', c: 'new' },
      { pkey: '3', a: 'y' },
    ]);
    expect(() => store.run('command=update&where=pkey:NUMEQ:2', '{"pkey":5}')).toThrow(/there is no field to update/);
  });

  it('updates and deletes within order and limits', () => {
    store.run('command=insert', '[{"pkey":1,"n":"3"},{"pkey":2,"n":"1"},{"pkey":3,"n":"2"},{"pkey":4}]');
    expect(store.run('command=update&order_by=n&order_sort=NUMASC&limit_max=2', '{"m":"low"}')).toBe(
      '{"ok":true,"affected":2}',
    );
    expect(pkeys('command=select&type=*&where=m:STREQ:low')).toEqual(['2', '3']);
    expect(store.run('command=delete&type=*&order_by=n&order_sort=NUMDESC&limit_skip=1&limit_max=1')).toBe(
      '{"ok":true,"affected":1}',
    );
    expect(pkeys('command=select&type=*')).toEqual(['1', '2', '4']);
    expect(store.run('command=delete&type=*&limit_max=0')).toBe('{"ok":true,"affected":0}');
    expect(store.run('command=delete&where=n:!NUMEQ:1')).toBe('{"ok":true,"affected":2}');
    expect(pkeys('command=select&type=*')).toEqual(['2']);
  });

  it('orders by bytes or by number, rows without the field last, ties by pkey', () => {
    const rows = ['10', '9', 'b', 'B', 'a', '', '😀', '\uffee', 'nan', '-5', '10', undefined];
    store.run(
      'command=insert',
      JSON.stringify(rows.map((v, i) => ({ pkey: i + 1, ...(v === undefined ? {} : { v }) }))),
    );
    const order = (sort: string): string[] => pkeys(`command=select&type=*&order_by=v&order_sort=${sort}`);
    expect(order('STRASC').map((key) => rows[Number(key) - 1])).toEqual([
      ...['', '-5', '10', '10', '9', 'B', 'a', 'b', 'nan', '\uffee', '😀', undefined],
    ]);
    expect(order('STRASC').slice(2, 4)).toEqual(['1', '11']);
    expect(order('STRDESC').map((key) => rows[Number(key) - 1])).toEqual([
      ...['😀', '\uffee', 'nan', 'b', 'a', 'B', '9', '10', '10', '-5', '', undefined],
    ]);
    expect(order('STRDESC').slice(7, 9)).toEqual(['1', '11']);
    expect(order('NUMASC')).toEqual(['10', '3', '4', '5', '6', '7', '8', '2', '1', '11', '9', '12']);
    expect(order('NUMDESC')).toEqual(['1', '11', '2', '3', '4', '5', '6', '7', '8', '10', '9', '12']);
  });

  it('orders by pkey as a number, and so without order_by', () => {
    store.run('command=insert', '[{"pkey":10},{"pkey":9},{"pkey":100}]');
    for (const order of ['', '&order_by=pkey&order_sort=NUMASC', '&order_by=pkey&order_sort=STRASC']) {
      expect(pkeys(`command=select&type=*${order}`)).toEqual(['9', '10', '100']);
    }
    expect(pkeys('command=select&type=*&order_by=PKEY&order_sort=STRDESC')).toEqual(['100', '10', '9']);
  });

  it('skips and limits', () => {
    store.run('command=insert', JSON.stringify(Array.from({ length: 20 }, (_, i) => ({ pkey: i + 1, n: i }))));
    expect(pkeys('command=select&type=*&limit_skip=18')).toEqual(['19', '20']);
    expect(pkeys('command=select&type=*&limit_skip=2&limit_max=2')).toEqual(['3', '4']);
    expect(pkeys('command=select&type=*&limit_max=0')).toEqual([]);
    expect(pkeys('command=select&type=*&limit_skip=100')).toEqual([]);
    expect(pkeys('command=select&type=*&where=pkey:NUMEQ:3&limit_skip=1')).toEqual([]);
    expect(pkeys('command=select&type=*&where=pkey:NUMEQ:3&limit_max=5')).toEqual(['3']);
    expect(store.run('command=select&type=count&limit_max=5&limit_skip=5')).toBe('20');
  });

  it('fails beyond the row limit rather than being cut', () => {
    const body = JSON.stringify(Array.from({ length: 1001 }, (_, i) => ({ pkey: i + 1 })));
    store.run('command=insert', body);
    expect(() => store.run('command=select&type=*')).toThrow(/row count exceeded 1000/);
    expect(() => store.run('command=select&type=*&limit_max=1001')).toThrow(/row count exceeded 1000/);
    expect(pkeys('command=select&type=*&limit_max=1000')).toHaveLength(1000);
    expect(pkeys('command=select&type=*&limit_skip=1')).toHaveLength(1000);
    expect(store.run('command=count')).toBe('1001');
  });

  it('names the field that does not exist', () => {
    store.run('command=insert', '{"a":1}');
    expect(() => store.run('command=select&type=*&where=nope:STREQ:1')).toThrow(/Unknown column 'nope' in 'where'/);
    expect(() => store.run('command=select&type=*&order_by=nope&order_sort=STRASC')).toThrow(/'nope' in 'order_by'/);
    expect(() => store.run('command=select&type=*&where=a:STRRX:(')).toThrow(/no regular expression/);
    expect(() => store.run('command=select&type=*&table=a.b.c')).toThrow(/table: 'a.b.c' is not db.table/);
  });

  it('may be another one, also by its bare name', () => {
    store.run('command=insert&table=main.notes', '{"pkey":1,"t":"x"}');
    expect(store.run('command=select&type=*&table=notes')).toBe('[{"pkey":"1","t":"x"}]');
    expect(store.json('command=tables')).toEqual([
      { table: 'main.notes', kind: 'schemaless', pkey: 'pkey', fields: '2' },
    ]);
    expect(store.json('command=stat&table=notes')).toMatchObject({ rows: '1', fields: ['pkey', 't'], indexes: [] });
  });
});

describe('a table with SQL types', () => {
  const COLUMNS: readonly ColumnDefinition[] = [
    { name: 'id', type: { name: 'bigint' }, nullable: false, autoIncrement: true },
    { name: 'uid', type: { name: 'int', unsigned: true }, nullable: false },
    { name: 'name', type: { name: 'varchar', length: 60 }, nullable: true },
    { name: 'price', type: { name: 'decimal', precision: 10, scale: 2 }, nullable: true },
    { name: 'raw', type: { name: 'blob' }, nullable: true },
    { name: 'seen', type: { name: 'datetime' }, nullable: true, onUpdateNow: { fsp: 0 } },
  ];

  beforeEach(() => {
    store.createTable(COLUMNS, { indexes: [{ name: 'uid', unique: false, parts: [{ column: 'uid' }] }] });
    store.insertRows([
      [1, 55, 'Ann', 350, new Uint8Array([1, 2]), '2024-01-01 00:00:00'],
      [2, 55, 'ann', 1000, null, '2024-01-01 00:00:00'],
      [3, 7, null, -5, null, null],
    ]);
  });

  it('answers with strings, and to pkey', () => {
    expect(store.json('command=select&type=*&where=pkey:NUMEQ:1')).toEqual([
      { id: '1', uid: '55', name: 'Ann', price: '3.50', raw: 'AQI=', seen: '2024-01-01 00:00:00' },
    ]);
    expect(store.json('command=select&type=*&order_by=pkey&order_sort=NUMDESC')).toMatchObject([
      { id: '3' },
      { id: '2' },
      { id: '1' },
    ]);
    expect(store.json('command=get&pkey=3')).toEqual([{ id: '3', uid: '7', price: '-0.05' }]);
  });

  it('compares text by bytes and numbers as numbers', () => {
    expect(store.run('command=count&where=name:STREQ:Ann')).toBe('1');
    expect(store.run('command=count&where=name:STRBW:a')).toBe('1');
    expect(store.run('command=count&where=name:STROREQ:Ann,ann')).toBe('2');
    expect(store.run('command=count&where=name:!STREQ:Ann')).toBe('2');
    expect(store.run('command=count&where=uid:NUMEQ:55.5')).toBe('0');
    expect(store.run('command=count&where=uid:NUMGT:54.5')).toBe('2');
    expect(store.run('command=count&where=uid:STRBW:5')).toBe('2');
    expect(store.run('command=count&where=price:NUMGE:3.5')).toBe('2');
    expect(store.run('command=count&where=price:STREQ:3.50')).toBe('1');
    expect(store.run('command=count&where=seen:STRBW:2024-01')).toBe('2');
  });

  it('converts what an update sets, and keeps ON UPDATE CURRENT_TIMESTAMP', () => {
    expect(store.run('command=update&where=uid:NUMEQ:55', '{"uid":"56","name":"Ann"}')).toBe(
      '{"ok":true,"affected":2}',
    );
    expect(store.run('command=update&where=pkey:NUMEQ:1', '{"uid":56}')).toBe('{"ok":true,"affected":1}');
    expect(store.engine.read({ kind: 'read', sql: 'SELECT id, uid, name, seen FROM "main.feed"', params: [] })).toEqual(
      [
        [1, 56, 'Ann', '2026-01-02 03:04:05'],
        [2, 56, 'Ann', '2026-01-02 03:04:05'],
        [3, 7, null, null],
      ],
    );
    expect(() => store.run('command=update&type=*', '{"nope":1}')).toThrow(/Unknown column 'nope' in 'body'/);
    expect(() => store.run('command=update&type=*', '{"uid":null}')).toThrow(/Column 'uid' cannot be null/);
  });

  it('inserts through SQL, which knows defaults and types', () => {
    const plan = store.plan('command=insert', '[{"name":"x","uid":1},{"pkey":7,"uid":2}]');
    expect(plan).toMatchObject({
      kind: 'sql',
      text: 'REPLACE INTO `main`.`feed` (`id`, `uid`, `name`) VALUES (DEFAULT, ?, ?), (?, ?, DEFAULT)',
      parameters: ['1', 'x', '7', '2'],
    });
    if (plan.kind !== 'sql') throw new TypeError(plan.kind);
    expect(plan.render({ insertId: 4 })).toBe('{"ok":true,"affected":2,"pkey":["4","7"]}');
    expect(() => store.plan('command=insert', '{"nope":1}')).toThrow(/Unknown column 'nope' in 'body'/);
    expect(() => store.plan('command=insert', '{"id":1,"pkey":2}')).toThrow(/'pkey' is given twice in one object/);
  });

  it('says what runs inline', () => {
    const runs = (parameters: string): string => (store.json(`${parameters}&explain=1`) as { runs: string }).runs;
    expect(runs('command=select&type=*&where=pkey:NUMEQ:1|name:STRINC:a')).toBe('inline');
    expect(runs('command=select&type=*&where=pkey:NUMOREQ:1,2,3')).toBe('inline');
    expect(runs('command=select&type=*&limit_max=100')).toBe('inline');
    expect(runs('command=select&type=*&where=pkey:NUMGE:5&order_by=pkey&order_sort=NUMDESC&limit_max=100')).toBe(
      'inline',
    );
    expect(runs('command=select&type=*&limit_skip=1000&limit_max=1')).toBe('reader');
    expect(runs('command=select&type=*')).toBe('reader');
    expect(runs('command=select&type=*&where=pkey:NUMGE:1|pkey:NUMGE:5&limit_max=1')).toBe('reader');
    expect(runs('command=select&type=*&where=name:STRINC:a&limit_max=1')).toBe('reader');
    expect(runs('command=select&type=*&where=pkey:!NUMEQ:1&limit_max=1')).toBe('reader');
    expect(runs('command=select&type=*&where=pkey:NUMEQ:1|name:STRRX:a')).toBe('reader');
    expect(runs('command=select&type=count&where=pkey:NUMEQ:1')).toBe('inline');
    expect(runs('command=select&type=count')).toBe('reader');
  });
});

describe('a table with another key', () => {
  it('finds rows by a text key inline', () => {
    store.createTable([
      { name: 'code', type: { name: 'varchar', length: 10 }, nullable: false },
      { name: 'n', type: { name: 'int' }, nullable: true },
    ]);
    store.insertRows([
      ['a', 1],
      ['10', 2],
      ['9', 3],
    ]);
    expect(store.run('command=get&pkey=a')).toBe('[{"code":"a","n":"1"}]');
    expect(store.run('command=get&pkey=A')).toBe('[]');
    expect(store.json('command=get&pkey=a')).toEqual([{ code: 'a', n: '1' }]);
    expect(store.runsInline('command=get&pkey=a')).toBe(true);
    expect(store.runsInline('command=select&type=*&where=pkey:NUMEQ:9')).toBe(false);
    expect(store.run('command=select&type=*&order_by=code&order_sort=NUMASC')).toMatch(/"a".*"9".*"10"/);
    expect(store.run('command=select&type=*')).toMatch(/"10".*"9".*"a"/);
    expect(store.run('command=delete&where=pkey:STREQ:a')).toBe('{"ok":true,"affected":1}');
  });

  it('works without pkey where the key has two columns or there is none', () => {
    store.createTable(
      [
        { name: 'a', type: { name: 'int' }, nullable: false },
        { name: 'b', type: { name: 'int' }, nullable: false },
      ],
      { primaryKey: ['a', 'b'] },
    );
    store.insertRows([
      [2, 1],
      [1, 2],
      [1, 1],
    ]);
    expect(store.run('command=select&type=*')).toBe('[{"a":"1","b":"1"},{"a":"1","b":"2"},{"a":"2","b":"1"}]');
    expect(store.run('command=delete&type=*&order_by=b&order_sort=NUMDESC&limit_max=1')).toBe(
      '{"ok":true,"affected":1}',
    );
    expect(store.run('command=select&type=*')).toBe('[{"a":"1","b":"1"},{"a":"2","b":"1"}]');
    expect(() => store.run('command=get&pkey=1')).toThrow(/Unknown column 'pkey'/);
  });

  it('keeps the order of insertion where there is no key', () => {
    store.createTable([{ name: 'a', type: { name: 'int' }, nullable: true }], { primaryKey: [] });
    store.insertRows([[3], [1], [2]]);
    expect(store.run('command=select&type=*')).toBe('[{"a":"3"},{"a":"1"},{"a":"2"}]');
    expect(store.run('command=update&limit_max=1&limit_skip=1', '{"a":"9"}')).toBe('{"ok":true,"affected":1}');
    expect(store.run('command=select&type=*')).toBe('[{"a":"3"},{"a":"9"},{"a":"2"}]');
  });
});

describe('rows as JSON', () => {
  it('are the same bytes from SQLite and from here', () => {
    const odd = ['', 'a"b\\c/', '\b\f\n\r\t\u0001\u001f\u007f', '江湖😀\u2028', ':null', '","x":null'];
    store.run(
      'command=insert',
      JSON.stringify(odd.map((v, i) => ({ pkey: i + 1, v, [`w"'${i}`]: i % 2 ? null : 'x' }))),
    );
    const definition = store.engine.catalog.table('main', 'feed');
    if (definition === undefined) throw new TypeError('no table');
    const { columns, sql } = listTable(definition, TEST_FORMS.textFormatter);
    const names = columns.map((column) => column.sql).join(', ');
    const rows = store.engine.read({ kind: 'read', sql: `SELECT ${names} FROM ${sql}`, params: [] });
    expect(`[${rows.map(rowWriter(columns)).join(',')}]`).toBe(store.run('command=select&type=*'));
  });
});

describe('lists at random', () => {
  /** The specification, read literally, over plain objects. */
  function answer(rows: readonly Record<string, string>[], where: string, field: string, sort: string): string[] {
    const tests = parseWhere(where).map((condition) => [condition.field, matcherOf(condition)] as const);
    const found = rows.filter((row) => tests.every(([name, matches]) => matches(row[name] ?? null)));
    const key = (row: Record<string, string>): string | undefined => row[field];
    const sign = sort.endsWith('DESC') ? -1 : 1;
    const compare = (a: string, b: string): number => {
      if (sort.startsWith('STR') && field !== 'pkey') return Buffer.compare(Buffer.from(a), Buffer.from(b));
      const [x, y] = [numberFromText(a), numberFromText(b)];
      return x < y ? -1 : x > y ? 1 : 0;
    };
    const missing = (row: Record<string, string>): boolean => {
      const value = key(row);
      return value === undefined || (sort.startsWith('NUM') && Number.isNaN(Number(numberFromText(value))));
    };
    return found
      .sort((a, b) => {
        if (missing(a) || missing(b)) return Number(missing(a)) - Number(missing(b)) || Number(a.pkey) - Number(b.pkey);
        return sign * compare(key(a) ?? '', key(b) ?? '') || Number(a.pkey) - Number(b.pkey);
      })
      .map((row) => row.pkey ?? '');
  }

  it('are what the specification says', () => {
    const random = new SeededRandom(42);
    const pick = <T>(values: readonly T[]): T => values[random.below(values.length)]!;
    const values = [
      '',
      '0',
      '5',
      '5.0',
      '05',
      '-3',
      '10',
      '9',
      'a',
      'A',
      'ab',
      'a b',
      'b,a',
      'nan',
      'inf',
      '9007199254740993',
      '江湖',
    ];
    const rows: Record<string, string>[] = Array.from({ length: 150 }, (_, i) => {
      const row: Record<string, string> = { pkey: String(i * 3 - 20) };
      for (const name of ['u', 'v', 'w']) if (random.chance(0.8)) row[name] = pick(values);
      return row;
    });
    store.run('command=insert', JSON.stringify(rows));
    const operators = [
      'STREQ',
      'STRINC',
      'STRBW',
      'STREW',
      'STRAND',
      'STROR',
      'STROREQ',
      'NUMEQ',
      'NUMGT',
      'NUMLE',
      'NUMBT',
      'NUMOREQ',
      'FTSOR',
    ];
    for (let i = 0; i < 1500; i++) {
      const conditions = Array.from({ length: random.below(3) }, () => {
        const negation = random.chance(0.3) ? '!' : '';
        return `${pick(['pkey', 'u', 'v', 'w'])}:${negation}${pick(operators)}:${pick(values)}`;
      });
      const [where, field, sort] = [
        conditions.join('|'),
        pick(['pkey', 'u', 'v']),
        pick(['STRASC', 'STRDESC', 'NUMASC', 'NUMDESC']),
      ];
      const [skip, max] = [random.below(5), random.chance(0.5) ? random.below(20) : -1];
      const all = answer(rows, where, field, sort);
      const query = `where=${where}&order_by=${field}&order_sort=${sort}&limit_skip=${skip}&limit_max=${max}`;
      const expected = all.slice(skip, max < 0 ? undefined : skip + max);
      expect(pkeys(`command=select&type=*&${query}`), query).toEqual(expected);
      expect(store.run(`command=count&where=${where}`), where).toBe(String(all.length));
    }
  });
});
