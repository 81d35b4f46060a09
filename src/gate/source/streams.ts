/** Statements whose rows go to the client as they come. */

import { failure } from '../../errors.ts';
import type { SourceConnection } from '../../stores/mysql/connection.ts';
import type { SourceAnswer } from '../../stores/mysql/result.ts';
import { columnDefinitions } from '../../stores/mysql/rows.ts';
import type { StoreRow } from '../../stores/values.ts';
import type { Outcome } from '../request.ts';
import type { Job } from './job.ts';
import { RowStream } from './row-stream.ts';
import type { SourceSession } from './session.ts';
import { resultColumn, rowReader } from './typed-rows.ts';

/** Resolves when the columns are known, or the statement has ended before. `asPackets`: for a client of MySQL's protocol. */
export async function streamOf(session: SourceSession, job: Job, asPackets: boolean): Promise<Outcome> {
  let stream: RowStream | null = null;
  let started!: () => void;
  const isStarted = new Promise<void>((resolve) => {
    started = resolve;
  });
  const sink = (connection: SourceConnection): RowStream => {
    stream = new RowStream(connection);
    started();
    return stream;
  };
  const running = session.lane.run({ ...job, maxBytes: Number.MAX_SAFE_INTEGER, sink });
  let answer: SourceAnswer | null = null;
  let error: unknown = null;
  // Before its client knows that it has ended: a function of the source's may have written.
  const noteWrites = (): void => {
    if (job.facts.callsUnknown) session.gate.shared.wroteAnything();
  };
  const ended = running.then(
    (settled) => {
      noteWrites();
      answer = settled;
      if (session.running !== null) session.running.rows = settled.results.at(-1)?.rowCount ?? 0;
      if (settled.failure !== null) stream?.finish(settled.failure);
      else stream?.finish();
    },
    (thrown: unknown) => {
      noteWrites();
      error = thrown;
      stream?.finish(thrown);
    },
  );
  await Promise.race([isStarted, ended]);
  if (stream === null) throw error;
  const rows = stream as RowStream;
  await rows.begun;
  // An error before any column, which is no part of a result.
  if (rows.columnCount === 0 && error !== null) throw error;
  const left = async (): Promise<void> => {
    if (!rows.hasEnded) session.lane.interrupt(failure('ER_QUERY_INTERRUPTED'));
    rows.discard();
    await ended;
  };
  if (asPackets) {
    return {
      kind: 'packet-stream',
      columnCount: rows.columnCount,
      columns: rows.columns,
      rows: rows.rows(left),
      end: () => {
        const last = answer?.results.at(-1);
        if (last === undefined) throw new Error('a stream has not been read to its end');
        return last.end;
      },
    };
  }
  const columns = columnDefinitions(rows).map(resultColumn);
  return { kind: 'stream', columns, chunks: typed(rows.rows(left), rowReader(columns)) };
}

async function* typed(
  packets: AsyncGenerator<Buffer>,
  read: (packets: readonly Buffer[]) => StoreRow[],
): AsyncGenerator<readonly StoreRow[]> {
  for await (const chunk of packets) yield read([chunk]);
}
