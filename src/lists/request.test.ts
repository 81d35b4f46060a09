import { describe, expect, it } from 'vitest';
import { type ListRequest, parseListCommand } from './request.ts';

function read(parameters: string, body = ''): ListRequest {
  const pairs = parameters.split('&').map((part) => part.split('=', 2) as [string, string]);
  return parseListCommand({ parameters: pairs, body, formEncoded: false }, 'main.feed');
}

const EVERYTHING = { where: [], order: [], skip: 0, max: null };

describe('a list command', () => {
  it('selects rows or their count', () => {
    expect(read('command=select&type=*')).toEqual({
      command: 'select',
      table: 'main.feed',
      count: false,
      selection: EVERYTHING,
      explain: false,
    });
    expect(read('command=select&type=count&table=shop.item')).toMatchObject({ count: true, table: 'shop.item' });
    expect(read('command=count&where=a:STREQ:b')).toMatchObject({ command: 'select', count: true });
  });

  it('orders and limits', () => {
    expect(read('command=select&type=*&order_by=dateline&order_sort=NUMDESC&limit_skip=20&limit_max=10')).toMatchObject(
      {
        selection: { order: [{ field: 'dateline', sort: 'NUMDESC' }], skip: 20, max: 10 },
      },
    );
    expect(read('command=select&type=*&order_by=a')).toMatchObject({
      selection: { order: [{ field: 'a', sort: 'STRASC' }] },
    });
    expect(read('command=select&type=*&where=&order_by=&order_sort=')).toMatchObject({ selection: EVERYTHING });
  });

  it('has no limit where limit_max is negative, and skips nothing below 1', () => {
    expect(read('command=select&type=*&limit_max=-5&limit_skip=-1')).toMatchObject({ selection: EVERYTHING });
    expect(read('command=select&type=*&limit_max=0')).toMatchObject({ selection: { max: 0 } });
    expect(read(`command=select&type=*&limit_max=${'9'.repeat(30)}`)).toMatchObject({
      selection: { max: Number.MAX_SAFE_INTEGER },
    });
  });

  it('takes the cache buster of browser libraries', () => {
    expect(read('command=select&type=*&_=1722')).toMatchObject({ selection: EVERYTHING });
  });

  it('inserts, updates, deletes', () => {
    expect(read('command=insert', '[{"a":1},{"b":null}]')).toEqual({
      command: 'insert',
      table: 'main.feed',
      objects: [new Map([['a', '1']]), new Map([['b', null]])],
      many: true,
    });
    expect(read('command=update&type=*&where=pkey:NUMGT:195', '{"a":"x"}')).toMatchObject({
      command: 'update',
      values: new Map([['a', 'x']]),
    });
    expect(read('command=delete&where=pkey:NUMGT:195')).toMatchObject({ command: 'delete' });
    expect(read('command=delete&type=*')).toMatchObject({ command: 'delete', selection: EVERYTHING });
  });

  it.each([
    ['x=1', /unknown parameter 'x'/],
    ['type=*', /command is missing/],
    ['command=drop', /command: unknown 'drop'; there are select, /],
    ['command=toString', /command: unknown/],
    ['command=select', /type is missing; it is \* or count/],
    ['command=select&type=a,b', /type: 'a,b' is neither \* nor count/],
    ['command=select&type=*&type=*', /type is given twice/],
    ['command=select&type=*&where=a:STREQ:b&where=', /where is given twice/],
    ['command=select&type=*&limit_max=ten', /limit_max: 'ten' is not an integer/],
    ['command=select&type=*&limit_max=1.5', /limit_max: '1.5'/],
    ['command=select&type=*&limit_max=1e3', /limit_max: '1e3'/],
    ['command=select&type=*&limit_max=', /limit_max: ''/],
    ['command=select&type=*&limit_skip=0x10', /limit_skip: '0x10'/],
    [
      'command=select&type=*&order_by=a&order_sort=DESC',
      /order_sort: 'DESC' is none of STRASC, STRDESC, NUMASC, NUMDESC/,
    ],
    ['command=select&type=*&order_sort=NUMDESC', /order_sort is given without order_by/],
    ['command=select&type=*&field=a', /field: select does not take it/],
    ['command=select&type=*&explain=yes', /explain: 'yes'/],
    ['command=insert&where=a:STREQ:b', /where: insert does not take it/],
    ['command=count&type=*', /type: '\*' with command=count/],
    ['command=delete', /where is missing; to delete every row give type=\*/],
    ['command=delete&where=', /where is missing/],
    ['command=delete&type=count', /type: 'count' is not \*/],
    ['command=get', /pkey is missing/],
    ['command=insert', /body is missing/],
    ['command=update&where=a:STREQ:b', /body is missing/],
  ])('is refused: %s', (parameters, message) => {
    expect(() => read(parameters)).toThrow(message);
    expect(() => read(parameters)).toThrow(expect.objectContaining({ httpStatus: 400 }));
  });

  it('updates with one object only', () => {
    expect(() => read('command=update', '[{"a":1},{"a":2}]')).toThrow(/update takes one JSON object/);
    expect(read('command=update', '[{"a":1}]')).toMatchObject({ values: new Map([['a', '1']]) });
  });

  it('sets an index', () => {
    const index = { command: 'setindex', table: 'main.feed', field: 'a', action: 'lexical' };
    expect(read('command=setindex&type=TDBITLEXICAL&field=a')).toEqual({ ...index, keep: false });
    expect(read('command=setindex&type=TDBITLEXICAL|TDBITKEEP&field=a')).toEqual({ ...index, keep: true });
  });
});
