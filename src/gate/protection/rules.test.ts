import { describe, expect, test } from 'vitest';
import type { StatementFacts } from '../statement-facts.ts';
import { Rules } from './rules.ts';

const FACTS: StatementFacts = {
  kind: 'scan',
  reason: '',
  tables: [{ database: 'shop', table: 'orders', access: 'read' }],
  fingerprint: 'SELECT * FROM orders WHERE total > ?',
  text: 'SELECT * FROM orders WHERE total > 1000',
  values: [{ type: { kind: 'int', unsigned: false }, value: 1000 }],
  database: 'shop',
  user: 'app',
  host: '10.1.2.3',
  protocol: 'mysql',
};

function rulesOf(...rules: object[]): Rules {
  const made = new Rules(() => undefined);
  made.replace(rules);
  return made;
}

function refuses(condition: object, facts: Partial<StatementFacts> = {}): boolean {
  const rules = rulesOf({ name: 'r', action: 'fail', ...condition });
  return rules.check({ ...FACTS, ...facts }).refused !== null;
}

describe('what a rule is about', () => {
  test.each([
    ['nothing: every statement', {}, true],
    ['its user', { users: ['app', 'other'] }, true],
    ['another user', { users: ['other'] }, false],
    ['its network', { addresses: ['10.0.0.0/8'] }, true],
    ['another network', { addresses: ['192.168.0.0/16'] }, false],
    ['its kind', { kinds: ['scan', 'insert'] }, true],
    ['another kind', { kinds: ['unique-lookup'] }, false],
    ['its table', { tables: ['SHOP.Orders'] }, true],
    ['a prefix', { tables: ['shop.ord*'] }, true],
    ['its database', { tables: ['shop.*'] }, true],
    ['another table', { tables: ['shop.order'] }, false],
    ['a pattern of its text', { pattern: '^select \\* from orders' }, true],
    ['a pattern never sees values', { pattern: '1000' }, false],
    ['its value', { values: [{ place: 1, op: '=', value: 1000 }] }, true],
    ['a range of values', { values: [{ op: '>=', value: 1000 }] }, true],
    ['a value that is too small', { values: [{ op: '>', value: 1000 }] }, false],
    ['one of some values', { values: [{ place: 1, op: 'in', value: [1, 1000] }] }, true],
    ['a text that is a number', { values: [{ place: 1, op: '=', value: '1000' }] }, true],
    ['a text that is none', { values: [{ place: 1, op: '!=', value: 'x' }] }, false],
    ['a value that is not there', { values: [{ place: 2, op: 'absent' }] }, true],
    ['a value that is there', { values: [{ place: 1, op: 'absent' }] }, false],
    ['NULL', { values: [{ place: 1, op: 'null' }] }, false],
    ['an expression', { values: [{ place: 1, op: 'matches', value: '^10' }] }, true],
    ['all of its conditions', { users: ['app'], kinds: ['insert'] }, false],
  ])('%s', (_, condition, expected) => {
    expect(refuses(condition)).toBe(expected);
  });

  test('a statement about a whole database meets rules for tables in it', () => {
    const tables = [{ database: 'shop', table: '*', access: 'admin' as const }];
    expect(refuses({ tables: ['shop.orders'] }, { tables })).toBe(true);
    expect(refuses({ tables: ['shop2.*'] }, { tables })).toBe(false);
  });
});

describe('what a rule does', () => {
  test('fail and fail-retry name the rule and say its message', () => {
    const { refused } = rulesOf({ name: 'no-scans', action: 'fail', message: 'use the index' }).check(FACTS);
    expect(refused?.message).toBe("Refused by rule 'no-scans': use the index");
    expect(refused?.retryable).toBe(false);
    expect(rulesOf({ name: 'busy', action: 'fail-retry' }).check(FACTS).refused?.retryable).toBe(true);
  });

  test('delays add up, hints join, until one refuses', () => {
    const rules = rulesOf(
      { name: 'slow', action: 'delay', delay_ms: 20 },
      { name: 'slower', action: 'delay', delay_ms: 30 },
      { name: 'small', action: 'hint', hint: 'max_rows(5)' },
      { name: 'short', action: 'hint', hint: 'max_execution_time(100)' },
    );
    expect(rules.check(FACTS)).toMatchObject({
      refused: null,
      delayMs: 50,
      hints: { maxRows: 5, maxExecutionTimeMs: 100 },
    });
    expect(rules.statistics().map(({ matched }) => matched)).toEqual([1, 1, 1, 1]);
  });

  test('log tells of the statement and lets it by', () => {
    const told: string[] = [];
    const rules = new Rules((rule, { user }) => told.push(`${rule} ${user}`));
    rules.replace([{ name: 'watch', action: 'log' }]);
    expect(rules.check(FACTS).refused).toBeNull();
    expect(told).toEqual(['watch app']);
  });
});

describe('rules are taken all or none', () => {
  test.each([
    [[{ action: 'fail' }], 'rule number 1: name is missing'],
    [[{ name: 'a' }], 'rule "a": action must be one of fail, fail-retry, delay, hint, log'],
    [[{ name: 'a', action: 'fail', user: ['x'] }], 'rule "a": there is no user; did you mean users?'],
    [[{ name: 'a', action: 'fail', users: 'x' }], 'rule "a": users must be a list of texts'],
    [[{ name: 'a', action: 'fail', users: [] }], 'rule "a": users must be a list of texts'],
    [[{ name: 'a', action: 'fail', kinds: ['select'] }], 'rule "a": kinds has "select"'],
    [[{ name: 'a', action: 'fail', tables: ['orders'] }], '"orders" is not db.table'],
    [[{ name: 'a', action: 'fail', addresses: ['10.0.0.0/40'] }], 'rule "a": addresses'],
    [[{ name: 'a', action: 'fail', pattern: '(' }], 'rule "a": pattern'],
    [[{ name: 'a', action: 'fail', delay_ms: 5 }], 'rule "a": delay_ms has no meaning with action = "fail"'],
    [[{ name: 'a', action: 'delay' }], 'rule "a": delay_ms is missing'],
    [[{ name: 'a', action: 'delay', delay_ms: 60_001 }], 'rule "a": delay_ms must be a whole number'],
    [[{ name: 'a', action: 'hint', hint: 'max_rows(x)' }], 'max_rows(x): needs a whole number'],
    [[{ name: 'a', action: 'fail', values: [{ op: '=' }] }], 'rule "a": values, number 1: value must be'],
    [[{ name: 'a', action: 'fail', values: [{ op: 'absent' }] }], 'place is missing'],
    [
      [
        { name: 'a', action: 'fail' },
        { name: 'a', action: 'log' },
      ],
      'rule "a" is there twice',
    ],
    ['none', '[[rules]]'],
  ])('%j', (given, message) => {
    const rules = rulesOf({ name: 'before', action: 'fail' });
    expect(() => rules.replace(given)).toThrow(message);
    expect(rules.statistics().map(({ name }) => name)).toEqual(['before']);
  });

  test('a rule that stays goes on counting', () => {
    const rules = rulesOf({ name: 'a', action: 'log' });
    rules.check(FACTS);
    rules.replace([
      { name: 'b', action: 'log' },
      { name: 'a', action: 'fail' },
    ]);
    expect(rules.statistics()).toEqual([
      { name: 'b', action: 'log', matched: 0 },
      { name: 'a', action: 'fail', matched: 1 },
    ]);
    rules.replace([]);
    expect(rules.isEmpty).toBe(true);
  });
});
