import { describe, expect, test } from 'vitest';
import type { Access } from '../statement-facts.ts';
import { TableAccess } from './table-access.ts';

const GROUPS = [
  { name: 'orders', tables: ['shop.orders', 'shop.order_*'], readers: ['web'], writers: ['app'], admins: ['dba'] },
  { name: 'log', tables: ['log.*'], readers: ['*'], writers: ['app'] },
];

function access(groups: unknown = GROUPS, onDryRun: (group: string) => void = () => undefined): TableAccess {
  const made = new TableAccess(onDryRun);
  made.replace(groups);
  return made;
}

function may(user: string, what: Access, name: string): boolean {
  const [database = '', table = ''] = name.split('.');
  try {
    access().check({ tables: [{ database, table, access: what }], user, host: 'localhost' });
    return true;
  } catch {
    return false;
  }
}

describe('table access', () => {
  test.each<[string, Access, string, boolean]>([
    ['web', 'read', 'shop.orders', true],
    ['web', 'write', 'shop.orders', false],
    ['app', 'write', 'shop.order_lines', true],
    ['app', 'read', 'shop.orders', true],
    ['app', 'admin', 'shop.orders', false],
    ['dba', 'admin', 'Shop.Orders', true],
    ['dba', 'read', 'shop.orders', true],
    ['nobody', 'read', 'shop.orders', false],
    ['nobody', 'read', 'shop.users', true],
    ['nobody', 'read', 'log.x', true],
    ['nobody', 'write', 'log.x', false],
    ['dba', 'admin', 'log.*', false],
    ['nobody', 'admin', 'shop.*', false],
  ])('%s may %s %s: %s', (user, what, name, expected) => {
    expect(may(user, what, name)).toBe(expected);
  });

  test('says who, what and where', () => {
    expect(() =>
      access().check({ tables: [{ database: 'shop', table: 'orders', access: 'read' }], user: 'x', host: 'h' }),
    ).toThrow("SELECT command denied to user 'x'@'h' for table 'shop.orders'");
  });

  test('a dry run counts and tells, and refuses nothing', () => {
    const told: string[] = [];
    const dry = access(GROUPS, (group) => told.push(group));
    dry.dryRun = true;
    dry.check({ tables: [{ database: 'shop', table: 'orders', access: 'read' }], user: 'x', host: 'h' });
    expect(told).toEqual(['orders']);
    expect(dry.statistics().map(({ refused }) => refused)).toEqual([1, 0]);
  });

  test.each([
    [
      [
        { name: 'a', tables: ['s.t'] },
        { name: 'b', tables: ['s.t'] },
      ],
      'table_access "b": s.t overlaps s.t of "a"',
    ],
    [
      [
        { name: 'a', tables: ['s.log_*'] },
        { name: 'b', tables: ['s.log_1'] },
      ],
      's.log_1 overlaps s.log_* of "a"',
    ],
    [
      [
        { name: 'a', tables: ['s.log_*'] },
        { name: 'b', tables: ['s.l*'] },
      ],
      's.l* overlaps s.log_* of "a"',
    ],
    [
      [
        { name: 'a', tables: ['s.t'] },
        { name: 'b', tables: ['*'] },
      ],
      '* overlaps s.t',
    ],
    [
      [
        { name: 'a', tables: ['s.t'] },
        { name: 'a', tables: ['s.u'] },
      ],
      'table_access "a" is there twice',
    ],
    [[{ name: 'a' }], 'table_access "a": tables is missing'],
    [[{ name: 'a', tables: ['s.*_x'] }], '"s.*_x" is not db.table'],
    [{}, '[[table_access]]'],
  ])('%j is refused, and nothing changes', (given, message) => {
    const before = access();
    expect(() => before.replace(given)).toThrow(message);
    expect(before.statistics()).toHaveLength(2);
  });
});
