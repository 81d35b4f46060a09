/** What lists ask of the source besides rows: statements that write, and several in a transaction. */
import { failure } from '../../../errors.ts';
import type { ResultEnd } from '../../../stores/mysql/result.ts';
import type { SourceSession } from '../session.ts';

/** Runs a statement without rows. Throws what the source says. */
export async function askToWrite(session: SourceSession, sql: string, params: readonly string[]): Promise<ResultEnd> {
  const outcome = await session.ask(sql, params);
  if (outcome.kind !== 'packets') throw new TypeError(`a statement that writes gave '${outcome.kind}'`);
  const { failure: failed, results } = outcome.answer;
  if (failed !== null) throw failed;
  const end = results.at(-1)?.end;
  if (end === undefined) throw new TypeError('a statement that writes gave nothing');
  return end;
}

/** All of `work` or nothing. */
export async function inTransaction<T>(session: SourceSession, work: () => Promise<T>): Promise<T> {
  if (session.lane.inTransaction || !session.state.autocommit)
    throw failure('ER_NOT_SUPPORTED_YET', 'a list command of several statements within a transaction');
  await session.ask('BEGIN', []);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    // What has ended the transaction (a deadlock, a lost connection) has rolled it back.
    if (session.lane.inTransaction) await session.ask('ROLLBACK', []);
    throw error;
  }
  await session.ask('COMMIT', []);
  return result;
}
