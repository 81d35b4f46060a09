/** The reader's side of reader-protocol.ts. Runs in a reader process. */
import { asFailure } from '../../errors.ts';
import type { ReadStatement } from '../statement.ts';
import type { StoreRow } from '../values.ts';
import type { Engine } from './engine.ts';
import type { ReaderReply, ReaderRequest } from './reader-protocol.ts';

export interface ReaderChannel {
  /** Waits; undefined when the front is gone. */
  receive(): unknown;
  send(reply: ReaderReply): void;
}

export class ReaderService {
  readonly #engine: Engine;
  readonly #channel: ReaderChannel;

  constructor(engine: Engine, channel: ReaderChannel) {
    this.#engine = engine;
    this.#channel = channel;
  }

  handle(request: ReaderRequest): void {
    try {
      if (request.kind === 'begin') this.#channel.send({ kind: 'begun', sequence: this.#engine.beginSnapshot() });
      if (request.kind === 'end') this.#engine.endSnapshot();
      // Credit and cancellation that crossed with the end of the statement they were for.
      if (request.kind !== 'read') return;
      const { statement, window } = request;
      if (statement.kind === 'read') this.#stream(statement, window);
      else this.#channel.send({ kind: 'result', result: this.#engine.callReading(statement) });
    } catch (error) {
      this.#channel.send({ kind: 'failed', failure: asFailure(error).serialize() });
    }
  }

  /** Each chunk is held back until the next one is there, so that the last one can say so and saves a message. */
  #stream(statement: ReadStatement, window: number): void {
    let credit = window;
    let held: StoreRow[] | null = null;
    for (const chunk of this.#engine.stream(statement)) {
      if (held !== null) {
        this.#channel.send({ kind: 'rows', rows: held, last: false });
        credit--;
        while (credit === 0) {
          const request = this.#channel.receive() as ReaderRequest | undefined;
          if (request === undefined) process.exit(0);
          if (request.kind === 'cancel') {
            this.#channel.send({ kind: 'end' });
            return;
          }
          credit++;
        }
      }
      held = chunk;
    }
    this.#channel.send(held === null ? { kind: 'end' } : { kind: 'rows', rows: held, last: true });
  }
}
