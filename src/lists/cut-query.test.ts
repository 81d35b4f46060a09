import { describe, expect, it } from 'vitest';
import { cutQuery } from './cut-query.ts';

describe('cutQuery', () => {
  it('takes operands and limits out', () => {
    const query = 'command=select&type=*&where=pkey:NUMGE:12|a:STREQ:x:y&order_by=pkey&limit_skip=0&limit_max=10';
    expect(cutQuery(query)).toEqual({
      key: 'command=select&type=*&where=pkey:NUMGE:\u0000|a:STREQ:\u0000&order_by=pkey&limit_skip=\u0001&limit_max=\u0001',
      operands: ['12', 'x:y'],
      skip: 0,
      max: 10,
    });
  });

  it.each([
    ['where=a:STREQ:1', 'where=a:STREQ:2'],
    ['where=a:STREQ:1|b:NUMEQ:2', 'where=a:STREQ:|b:NUMEQ:'],
    ['limit_max=1', 'limit_max=999999999'],
  ])('gives one key for %s and %s', (a, b) => {
    expect(cutQuery(a)?.key).toBe(cutQuery(b)?.key);
  });

  it.each([
    ['where=a:STREQ:1', 'where=a:STRINC:1'],
    ['where=a:STREQ:1', 'where=b:STREQ:1'],
    ['where=a:STREQ:1', 'where=a:STREQ:1|a:STREQ:1'],
    ['limit_max=1', 'limit_max=-1'],
    ['limit_max=1', 'limit_skip=1'],
    ['limit_max=1', 'limit_max='],
    ['limit_max=1', 'limit_max=1234567890'],
    ['where=', 'where=a:STREQ:'],
    ['a=1', 'a=2'],
  ])('gives different keys for %s and %s', (a, b) => {
    expect(cutQuery(a)?.key).not.toBe(cutQuery(b)?.key);
  });

  it.each([
    'where=a:STREQ:%31',
    'where=a:STREQ:a+b',
    'where=a:STREQ:a\\|b',
    'where=a:STREQ:江',
    'where=a:STREQ:1#x',
    'where=a',
    'where=a:STREQ',
    'where=a:STREQ:1|b',
    'where=a|b:STREQ:1',
    'where=a:STREQ:1&where=a:STREQ:2',
    'limit_max=1&limit_max=2',
    'limit_other=1',
  ])('leaves %s to be read as a whole', (query) => {
    expect(cutQuery(query)).toBeNull();
  });

  it('knows where a query without values differs', () => {
    expect(cutQuery('')).toEqual({ key: '', operands: [], skip: null, max: null });
    expect(cutQuery('command=tables')?.key).toBe('command=tables');
    expect(cutQuery('&&where=&x')?.key).toBe('&&where=&x');
  });
});
