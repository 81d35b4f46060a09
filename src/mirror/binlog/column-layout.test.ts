import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../stores/column-type.ts';
import { type DescribedColumn, tableLayout } from './column-layout.ts';

function described(columnType: string, more: Partial<DescribedColumn> = {}): DescribedColumn {
  return { name: 'c', columnType, characterSet: null, collation: null, isNullable: true, extra: '', ...more };
}

const TEXT = { characterSet: 'utf8mb4', collation: 'utf8mb4_general_ci' };

describe('a column', () => {
  it.each<[string, ColumnType]>([
    ['int(10) unsigned zerofill', { name: 'int', length: 10, unsigned: true }],
    ['bigint(20)', { name: 'bigint', length: 20 }],
    ['decimal(10,2)', { name: 'decimal', precision: 10, scale: 2 }],
    ['double', { name: 'double' }],
    ['float(7,3) unsigned', { name: 'float', precision: 7, scale: 3, unsigned: true }],
    ['datetime', { name: 'datetime' }],
    ['time(6)', { name: 'time', scale: 6 }],
    ['year(4)', { name: 'year', length: 4 }],
    ['bit(12)', { name: 'bit', length: 12 }],
    ['binary(0)', { name: 'binary', length: 0 }],
    ['longblob', { name: 'longblob' }],
  ])('%s', (columnType, type) => {
    expect(tableLayout([described(columnType)]).columns).toEqual([{ name: 'c', type, characterSet: null }]);
  });

  it.each<[string, readonly string[]]>([
    ["enum('a','b')", ['a', 'b']],
    ["set('it''s','b,c',')(')", ["it's", 'b,c', ')(']],
    ["enum('','back\\\\slash','\\n','\\0')", ['', 'back\\slash', '\n', '\0']],
  ])('%s', (columnType, values) => {
    expect(tableLayout([described(columnType, TEXT)]).columns[0]?.type.values).toEqual(values);
  });
});

it.each<[DescribedColumn, string]>([
  [described('inet6'), 'values of type inet6 have no stored form'],
  [described('uuid'), 'values of type uuid have no stored form'],
  [described('point'), 'values of type point have no stored form'],
  [described('decimal(19,2)'), 'a DECIMAL has up to 18 digits'],
  [described('bit(64)'), 'a BIT has up to 63 bits'],
  [described('year(2)'), 'it is a YEAR(2), whose century the text protocol does not tell'],
  [described('int(11)', { extra: 'VIRTUAL GENERATED' }), 'it is VIRTUAL, so the binlog does not have it'],
  [described('text /*M!100301 COMPRESSED*/', TEXT), 'it is COMPRESSED'],
  [described('text', { characterSet: 'klingon', collation: 'klingon_bin' }), 'its character set klingon is not known'],
])('a column that cannot be mirrored says why: %o', (column, why) => {
  expect(() => tableLayout([described('int(11)'), column])).toThrow(`column c: ${why}`);
});
