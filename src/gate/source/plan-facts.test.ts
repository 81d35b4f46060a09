import { describe, expect, it } from 'vitest';
import { DEFAULT_SYNTAX } from '../../sql/syntax/sql-mode.ts';
import { SourceSchema, type SourceTable } from '../../stores/mysql/schema.ts';
import { SourcePlanCache } from './plan-cache.ts';

function table(name: string, primaryKey: string[], uniqueKeys: string[][] = []): SourceTable {
  const hasOtherUnique = uniqueKeys.length > 0;
  return { database: 'shop', name, columns: [], primaryKey, uniqueKeys, hasOtherUnique, standsAlone: true };
}

const SCHEMA = new SourceSchema(
  ['shop'],
  [table('item', ['id'], [['code'], ['a', 'B']]), table('pair', ['x', 'y']), table('heap', [])],
  new Map(),
);

function planned(text: string, schema = SCHEMA) {
  return new SourcePlanCache().find(text, DEFAULT_SYNTAX).placed.in('shop', schema);
}

describe('the kind of a plan', () => {
  it.each([
    ['SELECT * FROM item WHERE id = 1', 'unique-lookup'],
    ['SELECT COUNT(*) FROM item WHERE ID IN (1, -2, ?)', 'unique-lookup'],
    ["SELECT UPPER(n) FROM shop.item AS i WHERE n LIKE 'a%' AND i.id = 1 AND x > y", 'unique-lookup'],
    ["SELECT * FROM item WHERE code = 'x'", 'unique-lookup'],
    ['SELECT * FROM item WHERE b = 1 AND a = 2', 'unique-lookup'],
    ['SELECT * FROM item WHERE a = 2', 'scan'],
    ['SELECT * FROM pair WHERE x = 1', 'scan'],
    ['SELECT * FROM pair WHERE x = 1 AND y = 2 FOR UPDATE', 'unique-lookup'],
    ['SELECT * FROM item WHERE id = 1 OR n = 2', 'scan'],
    ['SELECT * FROM item WHERE id = 1 + n', 'scan'],
    ['SELECT * FROM item WHERE n BETWEEN 1 AND id = 1', 'scan'],
    ['SELECT * FROM item WHERE CASE WHEN n AND id = 1 AND n THEN 1 END', 'scan'],
    ['SELECT * FROM item WHERE NOT id = 1', 'scan'],
    ['SELECT * FROM item WHERE n = 1 ORDER BY d DESC, id LIMIT 10', 'list'],
    ['SELECT id, i.n AS m FROM item i WHERE n BETWEEN 1 AND 5 ORDER BY i.d', 'list'],
    ['SELECT COUNT(*) AS n FROM item WHERE n > 1', 'list'],
    ['SELECT COUNT(*) FROM item', 'list'],
    ['SELECT * FROM item', 'scan'],
    ['SELECT * FROM item ORDER BY RAND()', 'scan'],
    ['SELECT * FROM item WHERE UPPER(n) = 1 ORDER BY d', 'scan'],
    ['SELECT n + 1 FROM item ORDER BY d', 'scan'],
    ['SELECT DISTINCT n FROM item ORDER BY n', 'scan'],
    ['SELECT n, COUNT(*) FROM item GROUP BY n', 'scan'],
    ['SELECT * FROM pair ORDER BY x', 'scan'],
    ['SELECT * FROM item JOIN pair ON id = x WHERE id = 1', 'scan'],
    ['SELECT * FROM item WHERE id = 1 UNION SELECT * FROM item', 'scan'],
    ['SELECT * FROM item WHERE id IN (SELECT x FROM pair)', 'scan'],
    ['SELECT * FROM other WHERE id = 1', 'scan'],
    ['SELECT 1', 'other'],
    ['SELECT * FROM information_schema.tables', 'other'],
    ['INSERT INTO item VALUES (1)', 'insert'],
    ['INSERT INTO item SELECT * FROM pair', 'insert'],
    ['INSERT INTO item VALUES (1) ON DUPLICATE KEY UPDATE n = 1', 'upsert'],
    ['REPLACE INTO item VALUES (1)', 'upsert'],
    ['UPDATE item SET n = 1 WHERE id = 1', 'dml-by-key'],
    ['DELETE FROM pair WHERE y = 1 AND x = 2', 'dml-by-key'],
    ['UPDATE item SET n = 1 WHERE id = 1 AND n = 2', 'dml-by-subquery'],
    ['UPDATE item SET n = 1 WHERE id IN (1, 2)', 'dml-by-subquery'],
    ['DELETE FROM item', 'dml-by-subquery'],
    ['DELETE FROM heap WHERE id = 1', 'dml-by-subquery'],
    ['UPDATE item, pair SET n = 1 WHERE id = 1', 'dml-by-subquery'],
    ['CREATE TABLE x (i INT)', 'ddl'],
    ['SET @x = 1', 'set'],
    ['SHOW TABLES', 'show'],
    ['DESCRIBE item', 'show'],
    ['EXPLAIN SELECT * FROM item', 'other'],
    ['BEGIN', 'other'],
    ['USE shop', 'other'],
    ['CALL p()', 'other'],
  ])('%s', (text, kind) => {
    expect(planned(text).kind).toBe(kind);
  });

  it('is that of the schema as it is now', () => {
    const { placed } = new SourcePlanCache().find('SELECT * FROM item WHERE n = 1', DEFAULT_SYNTAX);
    expect(placed.in('shop', SCHEMA).kind).toBe('scan');
    expect(placed.in('shop', SCHEMA)).toBe(placed.in('shop', SCHEMA));
    const changed = new SourceSchema(['shop'], [table('item', ['id'], [['n']])], new Map());
    expect(placed.in('shop', changed).kind).toBe('unique-lookup');
  });
});

describe('the tables of a plan', () => {
  it('are those of the session that asks', () => {
    const { placed } = new SourcePlanCache().find('INSERT INTO a SELECT * FROM d.b', DEFAULT_SYNTAX);
    const [read, write] = ['read', 'write'] as const;
    expect(placed.in('shop', SCHEMA).tables).toEqual([
      { database: 'shop', table: 'a', access: write },
      { database: 'd', table: 'b', access: read },
    ]);
    expect(placed.in('other', SCHEMA).tables[0]).toEqual({ database: 'other', table: 'a', access: write });
    expect(placed.in(null, SCHEMA).tables[0]).toEqual({ database: '', table: 'a', access: write });
  });

  it.each(['CALL p()', 'SELECT * FROM a; SELECT * FROM b', 'FLUSH TABLES'])(
    'are any where nobody can say: %s',
    (text) => {
      expect(planned(text).tables).toContainEqual({ database: '*', table: '*', access: 'admin' });
    },
  );
});
