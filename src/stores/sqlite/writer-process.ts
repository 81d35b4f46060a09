/** The writer as a child process: sends it requests, and starts another when it ends. */
import { deserializeFailure, type SluiceError } from '../../errors.ts';
import type { StoredState } from './catalog-tables.ts';
import { Child, type ChildHandlers } from './child-process.ts';
import { WriteProgress } from './write-progress.ts';
import {
  type RunningEntry,
  type WriterGreeting,
  WriterLost,
  type WriterPort,
  type WriterReply,
  type WriterRequest,
} from './writer-protocol.ts';

export interface WriterProcessOptions {
  /** File URL of the entry point (processes/writer.ts). */
  readonly script: string;
  readonly directory: string;
  readonly synchronous: 'FULL' | 'NORMAL';
  readonly tuning?: WriterTuning | undefined;
}

/** For a writer whose commits are large, or many, and not waited for. */
export interface WriterTuning {
  readonly cacheMebibytes: number;
  readonly checkpointPages: number;
}

interface PendingReply {
  readonly resolve: (reply: WriterReply) => void;
  readonly reject: (reason: Error) => void;
}

/** Pause before a writer is started again that ended before it had answered anything; doubles each time. */
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 5_000;

export class WriterProcess implements WriterPort {
  readonly #options: WriterProcessOptions;
  #child: Child | null = null;
  /** In the order of the requests, which is that of the answers. */
  #pending: PendingReply[] = [];
  readonly #progress: WriteProgress;
  #ready: Promise<StoredState>;
  #failuresInARow = 0;
  #closing = false;
  #closed: (() => void) | null = null;

  constructor(options: WriterProcessOptions) {
    this.#options = options;
    this.#progress = new WriteProgress(options.directory);
    this.#ready = this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the writer has opened the file; rejects when it cannot. */
  ready(): Promise<StoredState> {
    return this.#ready;
  }

  send(request: WriterRequest): Promise<WriterReply> {
    return new Promise((resolve, reject) => {
      if (this.#child === null) {
        reject(new WriterLost('it is being replaced'));
        return;
      }
      this.#pending.push({ resolve, reject });
      this.#child.send(request);
    });
  }

  running(): RunningEntry | null {
    return this.#progress.read();
  }

  kill(): void {
    this.#child?.kill();
  }

  /** Keeps waiting while writers cannot start: a full disk or a lock may pass. */
  async recover(): Promise<StoredState> {
    for (;;) {
      const ready = this.#ready;
      try {
        return await ready;
      } catch (error) {
        if (this.#closing) throw error;
        process.emitWarning(`the writer process could not be started again: ${String(error)}`);
        while (this.#ready === ready) await pause(FIRST_PAUSE_MS);
      }
    }
  }

  close(): Promise<void> {
    this.#closing = true;
    const child = this.#child;
    const ended = new Promise<void>((resolve) => {
      if (child === null) resolve();
      else this.#closed = resolve;
    });
    child?.end();
    return ended.then(() => this.#progress.close());
  }

  #start(): Promise<StoredState> {
    const { script, directory, synchronous, tuning } = this.#options;
    const tuned = tuning === undefined ? [] : [String(tuning.cacheMebibytes), String(tuning.checkpointPages)];
    return new Promise((resolve, reject) => {
      let greeted = false;
      const handlers: ChildHandlers = {
        onMessage: (message) => {
          if (greeted) {
            this.#answer(message as WriterReply);
            return;
          }
          greeted = true;
          this.#greet(message as WriterGreeting, resolve, reject);
        },
        onEnd: (reason) => {
          reject(new WriterLost(reason));
          this.#ended(reason);
        },
      };
      this.#child = new Child(script, [directory, synchronous, ...tuned], handlers, [this.#progress.fd]);
    });
  }

  #greet(greeting: WriterGreeting, resolve: (state: StoredState) => void, reject: (reason: SluiceError) => void): void {
    if (greeting.kind === 'ready') resolve(greeting.state);
    else reject(deserializeFailure(greeting.failure));
  }

  #answer(reply: WriterReply): void {
    this.#failuresInARow = 0;
    this.#pending.shift()!.resolve(reply);
  }

  #ended(reason: string): void {
    this.#child = null;
    const lost = this.#pending;
    this.#pending = [];
    if (this.#closing) {
      this.#closed?.();
    } else {
      this.#ready = this.#restart();
      // Whoever waits for it is told; nobody may be waiting.
      this.#ready.catch(() => undefined);
    }
    for (const request of lost) request.reject(new WriterLost(reason));
  }

  async #restart(): Promise<StoredState> {
    const failures = this.#failuresInARow++;
    if (failures > 0) await pause(Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures));
    if (this.#closing) throw new WriterLost('the store is closed');
    return this.#start();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
