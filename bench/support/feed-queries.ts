/** The four queries of TCSQL's manual, as URLs and as the SQL that the manual says they correspond to. */
import { USER_COUNT } from '../../src/demo/users.ts';
import type { FeedModel } from './feed-model.ts';
import type { KnownQuery } from './known-query.ts';
import { drawValues } from './template.ts';

const NEWEST = 'order_by=pkey&order_sort=NUMDESC&limit_skip=0';

export function keyQuery(model: FeedModel): KnownQuery {
  const keys = model.sampledKeys;
  return {
    name: 'A: primary key',
    path: `/?command=select&type=*&where=pkey:NUMEQ:{1..${model.rows}}&${NEWEST}&limit_max=1`,
    sql: `SELECT * FROM feed WHERE pkey = {1..${model.rows}} ORDER BY pkey DESC LIMIT 1`,
    draw: (random) => [String(random.pick(keys))],
    expected: ([pkey]) => model.byKey(Number(pkey)),
  };
}

export function userQuery(model: FeedModel): KnownQuery {
  const sql = `SELECT * FROM feed WHERE uid = {1..${USER_COUNT}} ORDER BY pkey DESC LIMIT 1`;
  return {
    name: 'B: other key',
    path: `/?command=select&type=*&where=uid:NUMEQ:{1..${USER_COUNT}}&${NEWEST}&limit_max=1`,
    sql,
    draw: (random) => drawValues(sql, random),
    expected: ([uid]) => model.newestOfUser(Number(uid)),
  };
}

export function listQuery(model: FeedModel): KnownQuery {
  const { url, sql: where } = kindConditions(model);
  const sql = `SELECT * FROM feed WHERE ${where} ORDER BY pkey DESC LIMIT 10`;
  return {
    name: 'C: composite list',
    path: `/?command=select&type=*&where=${url}&${NEWEST}&limit_max=10`,
    sql,
    draw: (random) => drawValues(sql, random),
    expected: ([dateline, idtype = '']) => model.newestOfKind(Number(dateline), idtype),
  };
}

export function countQuery(model: FeedModel): KnownQuery {
  const { url, sql: where } = kindConditions(model);
  const sql = `SELECT COUNT(*) FROM feed WHERE ${where}`;
  return {
    name: 'D: count',
    path: `/?command=select&type=count&where=${url}`,
    sql,
    draw: (random) => drawValues(sql, random),
    expected: ([dateline, idtype = '']) => model.countOfKind(Number(dateline), idtype),
  };
}

/** One page that everyone asks for. */
export function repeatedQuery(model: FeedModel): KnownQuery {
  const { first, last } = model.datelines;
  const [dateline, idtype] = [Math.floor((first + last) / 2), 'picid'];
  return {
    name: 'one list, repeated',
    path: `/?command=select&type=*&where=dateline:NUMGE:${dateline}|idtype:STREQ:${idtype}&${NEWEST}&limit_max=10`,
    sql: `SELECT * FROM feed WHERE dateline >= ${dateline} AND idtype = '${idtype}' ORDER BY pkey DESC LIMIT 10`,
    draw: () => [],
    expected: () => model.newestOfKind(dateline, idtype),
  };
}

/** "A random time stamp and a changing text", says the manual. */
function kindConditions(model: FeedModel): { readonly url: string; readonly sql: string } {
  const { first, last } = model.datelines;
  const [dateline, idtype] = [`{${first}..${last}}`, '{picid,blogid,tid,sid}'];
  return {
    url: `dateline:NUMGE:${dateline}|idtype:STREQ:${idtype}`,
    sql: `dateline >= ${dateline} AND idtype = '${idtype}'`,
  };
}
