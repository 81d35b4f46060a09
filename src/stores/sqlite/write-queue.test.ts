import { describe, expect, it } from 'vitest';
import { insert } from '../samples.suite.ts';
import type { Commit } from '../store.ts';
import type { StoredState } from './catalog-tables.ts';
import { WriteQueue } from './write-queue.ts';
import {
  type RunningEntry,
  WriterLost,
  type WriterPort,
  type WriterReply,
  type WriterRequest,
} from './writer-protocol.ts';

const OPTIONS = { catalogVersion: 1, foreignKeyChecks: true };

interface Sent {
  readonly request: WriterRequest;
  answer(reply: WriterReply): void;
  lose(): void;
}

/** A writer that does what the test says. */
class FakeWriter implements WriterPort {
  readonly sent: Sent[] = [];
  state: StoredState = { sequence: 10, catalogVersion: 1, writerEpoch: 1, groupId: 5 };

  send(request: WriterRequest): Promise<WriterReply> {
    return new Promise((resolve, reject) => {
      this.sent.push({ request, answer: resolve, lose: () => reject(new WriterLost('signal SIGKILL')) });
    });
  }

  recover(): Promise<StoredState> {
    return Promise.resolve(this.state);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The entry that it is at; null: it is between two. */
  at: RunningEntry | null = null;
  kills = 0;

  running(): RunningEntry | null {
    return this.at;
  }

  kill(): void {
    this.kills++;
    this.end();
  }

  /** The writer ends: everything unanswered is lost. */
  end(): void {
    for (const sent of this.sent.splice(0)) sent.lose();
  }
}

function setUp() {
  const writer = new FakeWriter();
  const commits: Commit[] = [];
  const unknown: StoredState[] = [];
  const queue = new WriteQueue({
    port: writer,
    state: writer.state,
    lockWaitTimeoutMs: 1000,
    sequence: () => 10,
    report: (commit) => commits.push(commit),
    reportUnknown: (state) => unknown.push(state),
  });
  const write = (id: number, limits: { timeLimitMs?: number } = {}) => {
    const outcome = queue.write(insert('t', [[id]]), { ...OPTIONS, ...limits }).then(
      () => 'done',
      (error) => String(error.code),
    );
    return outcome;
  };
  return { writer, queue, commits, unknown, write };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

/** The ids of a group's inserts. */
function ids(sent: Sent | undefined): unknown[] {
  if (sent?.request.kind !== 'group') throw new Error('not a group');
  return sent.request.entries.map(({ statement }) =>
    statement.kind === 'insert' ? (statement.rows as unknown[][])[0]?.[0] : null,
  );
}

function groupId(sent: Sent | undefined): number {
  if (sent?.request.kind !== 'group') throw new Error('not a group');
  return sent.request.groupId;
}

function done(sent: Sent | undefined): void {
  const result = { affected: 1, matched: 1, insertId: 0, warnings: [] };
  sent?.answer({ kind: 'group', outcomes: ids(sent).map(() => ({ value: result })), commit: null });
}

describe('groups', () => {
  it('hold what came in one turn, with several groups on the way', async () => {
    const { writer, write } = setUp();
    const first = [write(1), write(2)];
    await turn();
    write(3);
    await turn();
    write(4);
    write(5);
    await turn();
    expect(writer.sent.map(ids)).toEqual([[1, 2], [3], [4, 5]]);
    done(writer.sent[0]);
    expect(await Promise.all(first)).toEqual(['done', 'done']);
    for (let i = 0; i < 100; i++) write(i);
    await turn();
    expect(writer.sent.slice(3).map((sent) => ids(sent).length)).toEqual([32, 32, 32, 4]);
  });

  it('are numbered after those that the file knows', async () => {
    const { writer, write } = setUp();
    write(1);
    await turn();
    expect(groupId(writer.sent[0])).toBe(6);
  });
});

describe('when the writer ends', () => {
  it('statements that were not committed are sent again, each by itself and one after the other', async () => {
    const { writer, write } = setUp();
    const outcomes = [write(1), write(2)];
    await turn();
    outcomes.push(write(3));
    await turn();
    writer.end();
    await turn();
    expect(writer.sent.map(ids)).toEqual([[1]]);
    for (let i = 0; i < 3; i++) {
      done(writer.sent[i]);
      await turn();
    }
    expect(await Promise.all(outcomes)).toEqual(['done', 'done', 'done']);
  });

  it('a statement with which it ends twice is given up, and takes no other with it', async () => {
    const { writer, write } = setUp();
    const outcomes = [write(1), write(2)];
    await turn();
    writer.end();
    await turn();
    expect(ids(writer.sent[0])).toEqual([1]);
    writer.end();
    await turn();
    expect(ids(writer.sent[0])).toEqual([2]);
    done(writer.sent[0]);
    expect(await Promise.all(outcomes)).toEqual(['ER_LOCK_DEADLOCK', 'done']);
  });

  it('after a commit whose results it did not send, their outcome is unknown, and the commit is made known first', async () => {
    const { writer, write, unknown } = setUp();
    const first = write(1);
    await turn();
    const second = write(2);
    await turn();
    writer.state = { ...writer.state, sequence: 11, groupId: groupId(writer.sent[0]) };
    const answered = first.then((outcome) => ({ outcome, known: unknown.length }));
    writer.end();
    expect(await answered).toEqual({ outcome: 'SLUICE_OUTCOME_UNKNOWN', known: 1 });
    await turn();
    done(writer.sent[0]);
    expect(await second).toBe('done');
  });

  it('the transaction that held it is rolled back, and those that wait go on', async () => {
    const { writer, queue, write } = setUp();
    const lease = await queue.acquire(1000, OPTIONS);
    const work = lease.write(insert('t', [[1]]), OPTIONS);
    const waiting = write(2);
    await turn();
    writer.end();
    await expect(work).rejects.toMatchObject({ code: 'ER_LOCK_DEADLOCK' });
    await expect(lease.commit()).rejects.toMatchObject({ code: 'ER_LOCK_DEADLOCK' });
    await turn();
    expect(writer.sent.map(ids)).toEqual([[2]]);
    done(writer.sent[0]);
    expect(await waiting).toBe('done');
  });

  it('during the commit of a transaction, the stored group number decides', async () => {
    for (const committed of [true, false]) {
      const { writer, queue } = setUp();
      const lease = await queue.acquire(1000, OPTIONS);
      const work = lease.write(insert('t', [[1]]), OPTIONS);
      await turn();
      writer.sent.shift()?.answer({ kind: 'lease', outcome: { value: null }, commit: null, open: true });
      await work;
      const commit = lease.commit();
      await turn();
      const { request } = writer.sent[0]!;
      if (request.kind !== 'lease' || request.work.kind !== 'commit') throw new Error('not a commit');
      writer.state = { ...writer.state, sequence: 11, groupId: committed ? request.work.groupId : 5 };
      writer.end();
      if (committed) expect(await commit).toMatchObject({ sequence: 11 });
      else await expect(commit).rejects.toMatchObject({ code: 'ER_LOCK_DEADLOCK' });
    }
  });
});

describe('the limit of time', () => {
  /** Until the writer has been looked at. */
  const looked = () => new Promise((resolve) => setTimeout(resolve, 150));

  it('ends the statement that the writer is at, and sends the others of its groups again', async () => {
    const { writer, write } = setUp();
    const outcomes = [write(1), write(2, { timeLimitMs: 1_000 }), write(3, { timeLimitMs: 1_000 })];
    await turn();
    outcomes.push(write(4));
    await turn();
    writer.at = { groupId: groupId(writer.sent[0]), place: 1, forMs: 999 };
    await looked();
    expect(writer.kills).toBe(0);
    writer.at = { ...writer.at, forMs: 1_000 };
    await looked();
    expect(writer.kills).toBe(1);
    expect(await outcomes[1]).toBe('ER_QUERY_TIMEOUT');
    expect(writer.sent.map(ids)).toEqual([[1, 3, 4]]);
    done(writer.sent[0]);
    expect(await Promise.all(outcomes)).toEqual(['done', 'ER_QUERY_TIMEOUT', 'done', 'done']);
  });

  it('does not count for who has none, for the commit, nor for what has been answered', async () => {
    const { writer, write } = setUp();
    const outcomes = [write(1, { timeLimitMs: 0 }), write(2, { timeLimitMs: 1_000 })];
    await turn();
    const id = groupId(writer.sent[0]);
    for (const at of [{ groupId: id, place: 0, forMs: 9e9 }, null, { groupId: id - 1, place: 1, forMs: 9e9 }]) {
      writer.at = at;
      await looked();
    }
    expect(writer.kills).toBe(0);
    done(writer.sent[0]);
    expect(await Promise.all(outcomes)).toEqual(['done', 'done']);
  });

  it('of work in a transaction ends the transaction', async () => {
    const { writer, queue } = setUp();
    const lease = await queue.acquire(1000, OPTIONS);
    const work = lease.read({ kind: 'read', sql: '', params: [] }, { timeLimitMs: 1 });
    await expect(work).rejects.toMatchObject({ code: 'ER_QUERY_TIMEOUT' });
    expect(writer.kills).toBe(1);
    await expect(lease.commit()).rejects.toMatchObject({ code: 'ER_LOCK_DEADLOCK' });
  });
});
