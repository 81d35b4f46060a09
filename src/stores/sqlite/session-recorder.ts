/**
 * One session object of SQLite's session extension for each write transaction.
 *
 * The driver's wrapper of a closed session stays registered until the garbage collector has finalised it, and every statement walks over all
 * that are registered (7 ns each): after some thousand commits a statement would take 30 us instead of 3. So every now and then the young
 * generation is collected; the finalizers run when the event loop turns.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Connection } from './connection.ts';
import type { DriverSession } from './driver.ts';

const SESSIONS_PER_COLLECTION = 200;

export class SessionRecorder {
  readonly #connection: Connection;
  #session: DriverSession | null = null;
  #closed = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get isRecording(): boolean {
    return this.#session !== null;
  }

  /** From now on, until take() or discard(). */
  start(): void {
    this.#session ??= this.#connection.createSession();
  }

  /** What was changed since start(), in SQLite's changeset format; empty when nothing was. */
  take(): Uint8Array {
    if (this.#session === null) return new Uint8Array(0);
    const changeset = this.#session.changeset();
    this.discard();
    return changeset;
  }

  discard(): void {
    if (this.#session === null) return;
    this.#session.close();
    this.#session = null;
    if (++this.#closed % SESSIONS_PER_COLLECTION === 0) collectYoung();
  }
}

let collect: ((options: { type: 'minor' }) => void) | null = null;

function collectYoung(): void {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  }
  collect({ type: 'minor' });
}
