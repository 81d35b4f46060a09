import { describe, expect, test } from 'vitest';
import { failure } from '../../errors.ts';
import { MAX_PLAN_STATISTICS } from '../../limits.ts';
import type { PlanFacts } from '../statement-facts.ts';
import { Statistics } from './statistics.ts';

function facts(fingerprint: string): PlanFacts {
  return { kind: 'scan', reason: 'no key', tables: [{ database: 's', table: 't', access: 'read' }], fingerprint };
}

describe('statistics', () => {
  test('hits, time, rows and errors of each plan; what took most time is first', () => {
    const statistics = new Statistics();
    const a = statistics.countersOf(facts('a'));
    const b = statistics.countersOf(facts('b'));
    statistics.took(a, 2, 10);
    statistics.took(a, 4, 5);
    statistics.failed(b, 100, failure('ER_QUERY_TIMEOUT'));
    statistics.failed(null, 0, failure('ER_NO_DB_ERROR'));
    expect(statistics.plans()).toEqual([
      {
        statement: 'b',
        kind: 'scan',
        reason: 'no key',
        tables: ['s.t'],
        hits: 1,
        milliseconds: 100,
        rows: 0,
        errors: 1,
      },
      {
        statement: 'a',
        kind: 'scan',
        reason: 'no key',
        tables: ['s.t'],
        hits: 2,
        milliseconds: 6,
        rows: 15,
        errors: 0,
      },
    ]);
    expect(statistics.errors()).toEqual([
      { code: 'ER_QUERY_TIMEOUT', errno: 3024, count: 1 },
      { code: 'ER_NO_DB_ERROR', errno: 1046, count: 1 },
    ]);
    expect(statistics.countersOf(facts('a'))).toBe(a);
  });

  test('latencies by kind, in buckets', () => {
    const statistics = new Statistics();
    const counters = statistics.countersOf(facts('a'));
    for (let i = 0; i < 99; i++) statistics.took(counters, 0.7, 1);
    statistics.took(counters, 60_000, 1);
    const scan = statistics.latencies().find(({ kind }) => kind === 'scan');
    expect(scan).toMatchObject({ count: 100, p50Ms: 1, p95Ms: 1, p99Ms: 1 });
    expect(scan?.buckets.find(({ upToMs }) => upToMs === 1)?.count).toBe(99);
    expect(scan?.buckets.at(-1)).toEqual({ upToMs: null, count: 1 });
    expect(statistics.latencies().find(({ kind }) => kind === 'ddl')).toMatchObject({ count: 0, p50Ms: null });
  });

  test('plans make room for newer ones, those that were asked least first', () => {
    const statistics = new Statistics();
    const asked = statistics.countersOf(facts('asked'));
    statistics.took(asked, 1, 1);
    for (let i = 0; i < MAX_PLAN_STATISTICS; i++) statistics.countersOf(facts(String(i)));
    expect(statistics.dropped).toBe(MAX_PLAN_STATISTICS / 10);
    expect(statistics.countersOf(facts('asked'))).toBe(asked);
  });

  test('long statements that begin in the same words are counted together, and cost no more memory than that', () => {
    const statistics = new Statistics();
    const bulk = (rows: number): string => `INSERT INTO t VALUES ${'(?, ?), '.repeat(rows)}`;
    const counters = statistics.countersOf(facts(bulk(1_000)));
    expect(statistics.countersOf(facts(bulk(2_000)))).toBe(counters);
    expect(statistics.countersOf(facts(bulk(10)))).not.toBe(counters);
    expect(counters.facts.fingerprint).toHaveLength(2_003);
  });
});
