import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestGate } from '../testing.suite.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-log-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function logged(logValues: boolean, work: (gate: TestGate) => Promise<void>): Promise<Record<string, unknown>[]> {
  const queryLog = join(directory, 'queries.log');
  const gate = new TestGate({ queryLog, logValues });
  await work(gate);
  await gate.gate.protection.close();
  await gate.close();
  const text = readFileSync(queryLog, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function statements(gate: TestGate): Promise<void> {
  const session = gate.session();
  await session.execute('CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20))');
  await session.execute("INSERT INTO t VALUES (12, 'secret')");
  await session.errno("INSERT INTO t VALUES (12, 'secret')");
  await session.rows('SELECT * FROM t WHERE id = 12');
}

describe('the query log', () => {
  test('has a line for each statement, without its values', async () => {
    const lines = await logged(false, statements);
    expect(lines.map(({ kind, statement, rows, error }) => [kind, statement, rows, error])).toEqual([
      ['ddl', 'CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(?))', 0, null],
      ['insert', 'INSERT INTO t VALUES (?, ?)', 1, null],
      ['insert', 'INSERT INTO t VALUES (?, ?)', 0, 'ER_DUP_ENTRY'],
      ['unique-lookup', 'SELECT * FROM t WHERE id = ?', 1, null],
    ]);
    expect(lines[1]).toMatchObject({
      user: 'root',
      database: 'main',
      protocol: 'mysql',
      values: ['length 2', 'length 6'],
    });
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  test('has them where that is asked', async () => {
    const lines = await logged(true, statements);
    expect(lines[1]).toMatchObject({ values: [12, 'secret'] });
  });

  test('goes on in a new file when it is opened anew', async () => {
    const lines = await logged(false, async (gate) => {
      const session = gate.session();
      await session.rows('SELECT 1');
      await gate.gate.protection.close();
      renameSync(join(directory, 'queries.log'), join(directory, 'queries.log.1'));
      gate.gate.protection.queryLog.reopen();
      await session.rows('SELECT 2');
    });
    expect(lines).toHaveLength(1);
    expect(readFileSync(join(directory, 'queries.log.1'), 'utf8').trimEnd().split('\n')).toHaveLength(1);
  });

  test('slow statements are kept in memory, others are not', async () => {
    const gate = new TestGate();
    const session = gate.session();
    await session.execute('SET GLOBAL sluice_slow_query_ms = 3600000');
    await session.rows('SELECT 1');
    expect(gate.gate.protection.queryLog.slow()).toEqual([]);
    await session.execute('SET GLOBAL sluice_slow_query_ms = 1');
    await session.rows('SELECT SLEEP(0.02)');
    // On a busy machine the SET before it may have been slow too.
    expect(gate.gate.protection.queryLog.slow()[0]).toMatchObject({ statement: 'SELECT SLEEP(?)', rows: 1 });
    await gate.close();
  });
});
