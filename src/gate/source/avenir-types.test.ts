import { describe, expect, it } from 'vitest';
import { withMysqlTypes } from './avenir-types.ts';

const written = (text: string): string => withMysqlTypes(text, {});

describe("AvenirSQL's types", () => {
  it.each([
    [
      'create table t (id int primary key, a number, b bignumber, c varchar, d string not null unique, e bigstring, f varchar(3))',
      'create table t (id int primary key, a DOUBLE, b BIGINT, c VARCHAR(255), d VARCHAR(255) not null unique, e LONGTEXT, f varchar(3))',
    ],
    [
      'create or replace table if not exists main.`t` (`string` string(20), number number default (1 + 2), key string (`string`))',
      'create or replace table if not exists main.`t` (`string` VARCHAR(20), number DOUBLE default (1 + 2), key string (`string`))',
    ],
    ['create temporary table t (a string) as select 1', 'create temporary table t (a VARCHAR(255)) as select 1'],
    ['alter table t add g string', 'alter table t add g VARCHAR(255)'],
    [
      'alter table m.t add column if not exists (a string, b number), modify a bigstring first, change a b bignumber, add index string (a), drop string',
      'alter table m.t add column if not exists (a VARCHAR(255), b DOUBLE), modify a LONGTEXT first, change a b BIGINT, add index string (a), drop string',
    ],
    ['/* a string */ create table t (a /* number */ number)', '/* a string */ create table t (a /* number */ DOUBLE)'],
  ])('%s', (text, expected) => {
    expect(written(text)).toBe(expected);
  });

  it.each([
    "select number, string from t where a = 'x string'",
    'create table a (like string)',
    'create table t select if(a, varchar, string) from t',
    'create table t (a int, primary key string (a), constraint string check (a > 0))',
    'create view v (a) as select string from t',
    'create index string on t (a)',
    'insert into string (a, number) values (1, 2)',
    'alter table t rename column number to string',
    "create table t (a string, 'open",
    'create table t (a',
    'create table',
    'alter table t add (',
    '',
  ])('leaves %s', (text) => {
    expect(written(text)).toBe(text);
  });
});
