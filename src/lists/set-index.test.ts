import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ScalarFunction } from '../stores/function.ts';
import type { StoreValue } from '../stores/values.ts';
import { ListStore } from './list-store.suite.ts';
import { INDEX_TYPES } from './set-index.ts';
import { LIST_FUNCTIONS } from './store-functions.ts';

let store: ListStore;
beforeEach(() => {
  store = new ListStore();
  store.run(
    'command=insert',
    JSON.stringify([
      { title: 'The Art of War', tags: 'war,classic', price: '4.50', uid: '7' },
      { title: 'Red Chamber', tags: 'novel classic', price: '12', uid: '7' },
      { title: '逍遥江湖', tags: 'novel', price: '9.90', uid: '8' },
    ]),
  );
});
afterEach(() => store.close());

const OK = '{"ok":true}';

function indexes(): unknown {
  return (store.json('command=stat') as { indexes: unknown }).indexes;
}

interface Explanation {
  readonly plan: readonly string[];
  readonly index: readonly string[];
  readonly checked: readonly string[];
  readonly sort: boolean;
  readonly counts?: number;
  readonly runs: string;
}

function explain(parameters: string): Explanation {
  return store.json(`${parameters}&explain=1`) as Explanation;
}

function errorOf(parameters: string): unknown {
  try {
    return store.run(parameters);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return [code, message];
  }
}

describe("the manual's commands", () => {
  it('make, optimise and drop indexes', () => {
    expect(store.run('command=setindex&type=TDBITLEXICAL&field=title')).toBe(OK);
    expect(store.run('command=setindex&type=TDBITDECIMAL&field=price')).toBe(OK);
    expect(indexes()).toEqual([
      { name: 'title', type: 'TDBITLEXICAL', fields: ['title'] },
      { name: 'price', type: 'TDBITDECIMAL', fields: ['price'] },
    ]);
    expect(store.run('command=setindex&type=TDBITOPT&field=price')).toBe(OK);
    expect(store.run('command=setindex&type=TDBITTOKEN&field=title')).toBe(OK);
    expect(store.run('command=setindex&type=TDBITQGRAM&field=TITLE')).toBe(OK);
    expect(store.run('command=setindex&type=TDBITVOID&field=price')).toBe(OK);
    expect(indexes()).toEqual([{ name: 'title', type: 'TDBITQGRAM', fields: ['title'] }]);
  });

  it.each([
    ['0', 'TDBITLEXICAL'],
    ['1', 'TDBITDECIMAL'],
    ['2', 'TDBITTOKEN'],
    ['3', 'TDBITQGRAM'],
    ['16777218', 'TDBITTOKEN'],
    ['TDBITQGRAM|TDBITKEEP', 'TDBITQGRAM'],
  ])("take Tokyo Cabinet's numbers and its TDBITKEEP: %s", (type, name) => {
    expect(store.run(`command=setindex&field=title&type=${type}`)).toBe(OK);
    expect(indexes()).toEqual([{ name: 'title', type: name, fields: ['title'] }]);
    expect(store.run('command=setindex&field=title&type=9998')).toBe(OK);
    expect(store.run('command=setindex&field=title&type=9999')).toBe(OK);
    expect(indexes()).toEqual([]);
  });
});

describe('setindex refuses', () => {
  const types = 'TDBITLEXICAL, TDBITDECIMAL, TDBITTOKEN, TDBITQGRAM, TDBITOPT, TDBITVOID';

  it.each([
    ['field=title', 'ER_BAD_PARAMETER', `type is missing; there are ${types}`],
    ['field=title&type=', 'ER_BAD_PARAMETER', `type is missing; there are ${types}`],
    ['field=title&type=TDBITHASH', 'ER_BAD_PARAMETER', `type: 'TDBITHASH' is unknown; there are ${types}`],
    ['field=title&type=tdbittoken', 'ER_BAD_PARAMETER', `type: 'tdbittoken' is unknown; there are ${types}`],
    ['field=title&type=toString', 'ER_BAD_PARAMETER', `type: 'toString' is unknown; there are ${types}`],
    ['field=title&type=4', 'ER_BAD_PARAMETER', `type: '4' is unknown; there are ${types}`],
    ['type=TDBITTOKEN', 'ER_BAD_PARAMETER', 'field is missing'],
    ['type=TDBITTOKEN&field=', 'ER_BAD_PARAMETER', 'field is missing'],
    ['type=TDBITTOKEN&field=nosuch', 'ER_BAD_FIELD_ERROR', "Unknown column 'nosuch' in 'field'"],
    ['type=TDBITOPT&field=title', 'ER_BAD_PARAMETER', "field: 'title' has no index"],
    ['type=TDBITVOID&field=title', 'ER_BAD_PARAMETER', "field: 'title' has no index"],
    ['type=TDBITVOID&field=pkey', 'ER_BAD_PARAMETER', "field: 'pkey' is the primary key, whose index stays"],
    [
      'type=TDBITLEXICAL|TDBITKEEP&field=pkey',
      'ER_BAD_PARAMETER',
      "field: 'pkey' has an index already, and TDBITKEEP keeps it",
    ],
    ['type=TDBITTOKEN&field=title&table=nosuch', 'ER_NO_SUCH_TABLE', "Table 'main.nosuch' doesn't exist"],
    ['type=TDBITTOKEN&field=title&where=', 'ER_BAD_PARAMETER', 'where: setindex does not take it'],
    ['type=TDBITTOKEN&type=TDBITTOKEN&field=title', 'ER_BAD_PARAMETER', 'type is given twice'],
  ])('%s', (parameters, code, message) => {
    expect(errorOf(`command=setindex&${parameters}`)).toEqual([code, message]);
    expect(indexes()).toEqual([]);
  });

  it('to replace an index that TDBITKEEP keeps', () => {
    store.run('command=setindex&field=title&type=TDBITTOKEN');
    const refused = errorOf('command=setindex&field=title&type=TDBITLEXICAL|TDBITKEEP');
    expect(refused).toEqual(['ER_BAD_PARAMETER', "field: 'title' has an index already, and TDBITKEEP keeps it"]);
    expect(indexes()).toEqual([{ name: 'title', type: 'TDBITTOKEN', fields: ['title'] }]);
  });

  it("the default table's indexes before there is one", () => {
    const empty = new ListStore();
    const plan = () => empty.run('command=setindex&field=title&type=TDBITTOKEN');
    expect(plan).toThrow("Table 'main.feed' doesn't exist");
    empty.close();
  });
});

it('the primary key has its index already', () => {
  for (const type of ['TDBITLEXICAL', 'TDBITDECIMAL', 'TDBITOPT'])
    expect(store.run(`command=setindex&field=pkey&type=${type}`)).toBe(OK);
  expect(indexes()).toEqual([]);
  expect(store.run('command=setindex&field=pkey&type=TDBITTOKEN')).toBe(OK);
  expect(indexes()).toEqual([{ name: 'pkey', type: 'TDBITTOKEN', fields: ['pkey'] }]);
  expect(explain('command=count&where=pkey:STROR:1,2').index).toEqual(['pkey TDBITTOKEN', 'PRIMARY']);
});

describe('explain tells', () => {
  it.each([
    ['TDBITLEXICAL', 'title:STREQ:Red Chamber', []],
    ['TDBITLEXICAL', 'title:STRBW:Red', []],
    ['TDBITLEXICAL', 'title:STROREQ:a,b', []],
    ['TDBITDECIMAL', 'price:NUMEQ:12', []],
    ['TDBITDECIMAL', 'price:NUMBT:1,12', []],
    ['TDBITDECIMAL', 'price:NUMGE:5', []],
    ['TDBITDECIMAL', 'price:NUMOREQ:5,12', []],
    ['TDBITTOKEN', 'tags:STRAND:novel', ['tags:STRAND']],
    ['TDBITTOKEN', 'tags:STROR:novel,war', ['tags:STROR']],
    ['TDBITQGRAM', 'title:STRINC:江湖', ['title:STRINC']],
    ['TDBITQGRAM', 'title:FTSPH:chamber', ['title:FTSPH']],
    ['TDBITQGRAM', 'title:FTSAND:red cham', ['title:FTSAND']],
    ['TDBITQGRAM', 'title:FTSOR:red,逍', ['title:FTSOR']],
    ['TDBITQGRAM', 'title:FTSEX:red !! war', ['title:FTSEX']],
  ])('%s is sought by %s', (type, where, checked) => {
    const field = where.split(':')[0];
    store.run(`command=setindex&field=${field}&type=${type}`);
    const explained = explain(`command=count&where=${where}`);
    expect(explained.index).toContain(`${field} ${type}`);
    expect(explained.checked).toEqual(checked);
    expect(explained.plan.join()).toMatch(/SEARCH|SCAN sluice_list_\d+ VIRTUAL TABLE/);
  });

  it.each([
    ['TDBITLEXICAL', 'title:STRINC:Red'],
    ['TDBITLEXICAL', 'title:!STREQ:Red'],
    ['TDBITTOKEN', 'tags:STRINC:novel'],
    ['TDBITTOKEN', 'tags:STRAND:'],
    ['TDBITTOKEN', 'tags:!STROR:novel'],
    ['TDBITQGRAM', 'title:STRINC:Re'],
    ['TDBITQGRAM', 'title:FTSOR:red,ab'],
    ['TDBITQGRAM', 'title:STRRX:Red'],
    ['TDBITDECIMAL', 'price:STREQ:12'],
  ])('%s is not sought by %s', (type, where) => {
    const [field, operator] = where.split(':');
    store.run(`command=setindex&field=${field}&type=${type}`);
    const explained = explain(`command=select&type=*&where=${where}&limit_max=5`);
    expect(explained).toMatchObject({ index: [], checked: [`${field}:${operator}`], sort: false });
  });

  it('that an index gives the order', () => {
    const asked = 'command=select&type=*&order_by=price&order_sort=NUMDESC&limit_max=2';
    expect(explain(asked)).toMatchObject({ index: [], sort: true });
    store.run('command=setindex&field=price&type=TDBITDECIMAL');
    expect(explain(asked)).toMatchObject({ index: ['price TDBITDECIMAL'], checked: [], sort: false });
    // Descending, ties by key: the other direction sorts those alone.
    const ascending = explain(asked.replace('NUMDESC', 'NUMASC'));
    expect(ascending.plan).toContain('USE TEMP B-TREE FOR LAST TERM OF ORDER BY');
  });

  it('that a word gives rows in the order of their keys', () => {
    store.run('command=setindex&field=tags&type=TDBITTOKEN');
    const asked = 'command=select&type=*&where=tags:STRAND:novel&limit_max=2&order_by=pkey&order_sort=';
    for (const sort of ['NUMASC', 'NUMDESC'])
      expect(explain(asked + sort)).toMatchObject({ index: ['tags TDBITTOKEN', 'PRIMARY'], sort: false });
  });

  it('that rows are counted before one of several ways is taken', () => {
    store.run('command=setindex&field=tags&type=TDBITTOKEN');
    store.run('command=setindex&field=price&type=TDBITDECIMAL');
    const byPrice = '&order_by=price&order_sort=NUMDESC&limit_max=4';
    const word = explain(`command=select&type=*&where=tags:STRAND:novel${byPrice}`);
    expect(word).toMatchObject({ index: ['tags TDBITTOKEN', 'price TDBITDECIMAL', 'PRIMARY'], counts: 2000 });
    const range = explain('command=select&type=*&where=price:NUMGE:5&limit_max=1');
    expect(range).toMatchObject({ index: ['price TDBITDECIMAL', 'PRIMARY'], checked: ['price:NUMGE'], counts: 1000 });
    const both = explain('command=count&where=price:NUMGE:5|tags:STRAND:novel');
    expect(both).toMatchObject({ checked: ['price:NUMGE', 'tags:STRAND'], counts: 100_000 });
  });

  it('that a primary key goes before any index', () => {
    store.run('command=setindex&field=tags&type=TDBITTOKEN');
    const explained = explain('command=select&type=*&where=pkey:NUMOREQ:1,2|tags:STRAND:novel&limit_max=2');
    expect(explained).toMatchObject({ index: ['PRIMARY'], checked: ['tags:STRAND'], runs: 'inline' });
  });
});

describe('what an index names', () => {
  it.each(Object.values(INDEX_TYPES))('%s: can be updated and deleted', (type) => {
    for (const field of ['title', 'tags', 'price']) store.run(`command=setindex&field=${field}&type=${type}`);
    const where = 'where=tags:STROR:war,novel|title:STRINC:江湖|price:NUMEQ:9.9';
    expect(store.run(`command=update&${where}`, '{"tags":"poem"}')).toBe('{"ok":true,"affected":1}');
    expect(store.run('command=count&where=tags:STRAND:poem|title:STRBW:逍遥')).toBe('1');
    expect(
      store.run('command=update&where=tags:STROR:classic&limit_max=1&order_by=price&order_sort=NUMDESC', '{"uid":"1"}'),
    ).toBe('{"ok":true,"affected":1}');
    expect(store.json('command=select&type=*&where=uid:STREQ:1')).toMatchObject([{ title: 'Red Chamber' }]);
    expect(store.run('command=delete&where=tags:STRAND:poem')).toBe('{"ok":true,"affected":1}');
    expect(store.run('command=count')).toBe('2');
  });

  it('is found by very many words', () => {
    store.run('command=setindex&field=tags&type=TDBITTOKEN');
    const words = Array.from({ length: 3000 }, (_, i) => `word${i}`).join(',');
    expect(store.run(`command=count&where=tags:STROR:${words},war`)).toBe('1');
    expect(store.run(`command=count&where=tags:STRAND:${words}`)).toBe('0');
    store.run('command=setindex&field=title&type=TDBITQGRAM');
    expect(store.run(`command=count&where=title:FTSOR:${words},chamber`)).toBe('1');
    expect(store.run(`command=count&where=title:STRINC:${words}`)).toBe('0');
  });

  it('may be words with anything in them', () => {
    const tags = ['"', "'", '*', 'AND', 'NOT', '^a', 'a:b', '(x)', 'é', '\u007f', '-', 'x'.repeat(40_000)];
    store.run('command=insert', JSON.stringify({ tags: tags.join(' '), title: tags.join('') }));
    store.run('command=setindex&field=tags&type=TDBITTOKEN');
    store.run('command=setindex&field=title&type=TDBITQGRAM');
    for (const tag of tags) {
      const operand = tag.replace(/[\\|:]/g, '\\$&');
      expect(
        store.run([
          ['command', 'count'],
          ['where', `tags:STRAND:${operand}`],
        ]),
        tag,
      ).toBe('1');
      expect(
        store.run([
          ['command', 'count'],
          ['where', `title:STRINC:${operand}`],
        ]),
        tag,
      ).not.toBe('0');
    }
  });
});

describe('a page costs few looks at rows, whichever way is short', () => {
  const ROWS = 5000;
  let looks = 0;
  let counted: ListStore;

  beforeAll(() => {
    const functions = LIST_FUNCTIONS.map((fn): ScalarFunction => {
      if (fn.name !== 'sluice_strand') return fn;
      const call = (value: StoreValue, operand: StoreValue): StoreValue => {
        looks++;
        return fn.call(value, operand);
      };
      return { ...fn, call };
    });
    counted = new ListStore(10_000, functions);
    const rows = Array.from({ length: ROWS }, (_, i) => ({
      tags: i === 1500 ? 'all rare' : 'all',
      price: String(i % 100),
      hot: String(i === 77 ? 9 : i % 3),
    }));
    counted.run('command=insert', JSON.stringify(rows));
    for (const field of ['price', 'hot']) counted.run(`command=setindex&field=${field}&type=TDBITDECIMAL`);
  });
  afterAll(() => counted.close());

  it.each([
    ['tags:STRAND:all', '', 2],
    ['tags:STRAND:all', '&order_by=pkey&order_sort=NUMDESC', 2],
    ['tags:STRAND:rare', '&order_by=pkey&order_sort=NUMDESC', 1],
    ['tags:STRAND:all', '&order_by=price&order_sort=NUMDESC', 2],
    ['tags:STRAND:rare', '&order_by=price&order_sort=NUMDESC', 1],
    ['tags:STRAND:nosuch', '&order_by=price&order_sort=NUMDESC', 0],
    // A rare number beside a common word, and the other way round.
    ['tags:STRAND:all|hot:NUMEQ:9', '&order_by=pkey', 1],
    ['tags:STRAND:rare|hot:NUMLE:9', '&order_by=pkey', 1],
    ['tags:STRAND:all|hot:NUMGE:9', '&order_by=price&order_sort=NUMDESC', 1],
    ['tags:STRAND:rare|hot:NUMGE:0', '&order_by=price&order_sort=NUMDESC', 1],
    ['tags:STRAND:all|hot:NUMGE:0', '&order_by=price&order_sort=NUMDESC', 2],
    ['tags:STRAND:all|hot:NUMEQ:1', '&order_by=tags', 1 + ROWS / 3],
  ])('%s %s', (where, order, most) => {
    const asked = `command=select&type=*&where=${where}${order}&limit_max=2`;
    const plain = answer(asked);
    counted.run('command=setindex&field=tags&type=TDBITTOKEN');
    looks = 0;
    expect(answer(asked)).toBe(plain);
    expect(looks).toBeLessThanOrEqual(most);
    counted.run('command=setindex&field=tags&type=TDBITVOID');
  });

  /** Not compared with what kept lists would say: that looks at every row. */
  function answer(parameters: string): string {
    const plan = counted.plan(parameters);
    if (plan.kind !== 'read') throw new TypeError('a select reads');
    return plan.render(counted.engine.read(plan.bind().statement));
  }
});
