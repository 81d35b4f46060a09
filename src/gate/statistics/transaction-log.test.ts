/** `--transaction-log`: a line of JSON for each transaction that has ended. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestGate } from '../testing.suite.ts';
import { LineLog } from './line-log.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-log-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the transaction log', () => {
  test('says who, when, with what and how each ended', async () => {
    const transactionLog = join(directory, 'transactions.log');
    const gate = new TestGate({ transactionLog });
    const [first, second] = [gate.session(), gate.session()];
    await first.execute('CREATE TABLE t (id INT PRIMARY KEY)');
    await first.execute('BEGIN');
    await first.execute('INSERT INTO t VALUES (7)');
    await first.execute('COMMIT');
    await second.execute('BEGIN');
    await second.rows('SELECT * FROM t');
    gate.gate.kill(second.session.id, 'connection');
    await gate.gate.protection.close();
    await gate.close();
    const lines = readFileSync(transactionLog, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        id: 1,
        session: first.session.id,
        user: 'root',
        host: 'localhost',
        startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        endedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        statements: ['INSERT INTO t VALUES (?)', 'COMMIT'],
        statementCount: 2,
        outcome: 'commit',
      },
      expect.objectContaining({ id: 2, session: second.session.id, outcome: 'kill' }),
    ]);
  });

  test('that cannot be written says so when it is opened', async () => {
    const problems: string[] = [];
    const onProblem = (error: Error) => problems.push(error.message);
    const missing = new LineLog({ file: join(directory, 'no', 'such.log'), onProblem });
    await expect(missing.opened()).rejects.toThrow('ENOENT');
    expect([missing.isOn, problems]).toEqual([false, [expect.stringContaining('ENOENT')]]);
    const log = new LineLog({ file: join(directory, 'some.log'), onProblem });
    await log.opened();
    expect(log.isOn).toBe(true);
    await log.close();
    await new LineLog({ file: null, onProblem }).opened();
  });
});
