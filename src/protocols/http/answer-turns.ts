/**
 * How many requests are answered in one turn of the event loop. Node goes on reading from sockets as long as some are ready, 49,152 times in a row, before
 * its timers get a turn, and it accepts one connection in a turn. Where ten thousand clients ask again as soon as they are answered, a turn would take
 * seconds. So those who ask beyond a number wait in line, a turn ends when everybody ready has been read once, and turns are short while clients come in.
 */
import type { PlainConnection } from './plain-connection.ts';
import type { PlainHead } from './plain-head.ts';

type Answer = (head: PlainHead, connection: PlainConnection) => void;

/** Some milliseconds of work. */
const ANSWERS_A_TURN = 256;
/** Another connection may be waiting to be accepted. */
const ANSWERS_AFTER_ACCEPTING = 8;

export class AnswerTurns {
  readonly #answer: Answer;
  #heads: PlainHead[] = [];
  #connections: PlainConnection[] = [];
  /** The first in line. */
  #first = 0;
  /** In this turn. */
  #answered = 0;
  #most = ANSWERS_A_TURN;

  /** `answer` never throws. */
  constructor(answer: Answer) {
    this.#answer = answer;
  }

  /** A connection was accepted. */
  accepted(): void {
    this.#most = ANSWERS_AFTER_ACCEPTING;
  }

  /** Answered at once, or in a later turn. Who asks for the first time goes before those who ask again. */
  readonly take = (head: PlainHead, connection: PlainConnection, isFirst: boolean): void => {
    const mayGoNow = isFirst
      ? this.#answered < 2 * ANSWERS_A_TURN
      : this.#answered < this.#most && this.#heads.length === 0;
    if (!mayGoNow) {
      this.#heads.push(head);
      this.#connections.push(connection);
      return;
    }
    if (this.#answered === 0) setImmediate(this.#nextTurn);
    this.#answered++;
    this.#answer(head, connection);
  };

  readonly #nextTurn = (): void => {
    const from = this.#first;
    const to = Math.min(from + this.#most, this.#heads.length);
    this.#most = ANSWERS_A_TURN;
    this.#answered = to - from;
    if (this.#answered === 0) return;
    setImmediate(this.#nextTurn);
    for (let at = from; at < to; at++) {
      const connection = this.#connections[at] as PlainConnection;
      if (!connection.socket.destroyed) this.#answer(this.#heads[at] as PlainHead, connection);
    }
    this.#first = to;
    this.#compact();
  };

  #compact(): void {
    if (this.#first * 2 < this.#heads.length) return;
    this.#heads = this.#heads.slice(this.#first);
    this.#connections = this.#connections.slice(this.#first);
    this.#first = 0;
  }
}
