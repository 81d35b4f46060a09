import { describe, expect, it } from 'vitest';
import { AnswerTurns } from './answer-turns.ts';
import type { PlainConnection } from './plain-connection.ts';
import type { PlainHead } from './plain-head.ts';

/** What has been answered, by the numbers of those who asked. */
function turnsAndAnswers(): { turns: AnswerTurns; answered: number[] } {
  const answered: number[] = [];
  return { turns: new AnswerTurns(({ end }) => answered.push(end)), answered };
}

function head(n: number): PlainHead {
  return { url: '/?', authorization: undefined, end: n };
}

function connection(destroyed = false): PlainConnection {
  return { socket: { destroyed } } as unknown as PlainConnection;
}

const oneTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('turns of the event loop', () => {
  it('answers few at once', () => {
    const { turns, answered } = turnsAndAnswers();
    for (const n of upTo(256)) turns.take(head(n), connection(), false);
    expect(answered).toEqual(upTo(256));
  });

  it('answers many in several turns, in the order in which they asked, and leaves out those who have gone', async () => {
    const { turns, answered } = turnsAndAnswers();
    const gone = new Set([300, 999]);
    for (const n of upTo(1_000)) turns.take(head(n), connection(gone.has(n)), false);
    const counts = [answered.length];
    while (answered.length < 998) {
      await oneTurn();
      counts.push(answered.length);
    }
    expect(counts).toEqual([256, 511, 767, 998]);
    expect(answered).toEqual(upTo(1_000).filter((n) => !gone.has(n)));
  });

  it('does not let who asks again pass those in line', async () => {
    const { turns, answered } = turnsAndAnswers();
    for (const n of upTo(600)) turns.take(head(n), connection(), false);
    await oneTurn();
    turns.take(head(600), connection(), false);
    while (answered.length < 601) await oneTurn();
    expect(answered).toEqual(upTo(601));
  });

  it('answers who asks for the first time before those in line, but not any number of them', () => {
    const { turns, answered } = turnsAndAnswers();
    for (const n of upTo(300)) turns.take(head(n), connection(), false);
    for (const n of upTo(1_000)) turns.take(head(1_000 + n), connection(), true);
    expect(answered).toEqual([...upTo(256), ...upTo(256).map((n) => 1_000 + n)]);
  });

  it('has short turns while connections come in', async () => {
    const { turns, answered } = turnsAndAnswers();
    for (const n of upTo(300)) turns.take(head(n), connection(), false);
    turns.accepted();
    await oneTurn();
    expect(answered.length).toBe(256 + 8);
    await oneTurn();
    expect(answered.length).toBe(300);
  });
});
