/** The mirror process as the front has it: started when it is needed, and started again, after a pause, when it has ended. */
import { randomInt } from 'node:crypto';
import { BackOff } from '../stores/mysql/back-off.ts';
import { Child } from '../stores/sqlite/child-process.ts';
import type { SourceAddress } from '../util/source-address.ts';
import type { MirrorReply, MirrorRequest } from './protocol.ts';

export interface MirrorProcessOptions {
  /** File URL of the entry point (processes/mirror.ts). */
  readonly script: string;
  readonly address: SourceAddress;
  readonly onReply: (reply: MirrorReply) => void;
  /** With whatever it was doing. */
  readonly onEnd: (reason: string) => void;
}

/** Replicas of a source must differ in it; users number theirs from 1. */
const SERVER_ID_MIN = 2 ** 31;
const SERVER_ID_MAX = 2 ** 32 - 1;

export class MirrorProcess {
  readonly #options: MirrorProcessOptions;
  readonly #backOff = new BackOff();
  readonly #serverId = randomInt(SERVER_ID_MIN, SERVER_ID_MAX);
  #child: Child | null = null;
  #closing = false;
  #whenEnded: (() => void) | null = null;
  starts = 0;

  constructor(options: MirrorProcessOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** 0: it runs, or may be started. */
  get readyInMs(): number {
    return this.#child === null ? this.#backOff.remainingMs : 0;
  }

  send(request: MirrorRequest): void {
    if (this.#closing) return;
    this.#child ??= this.#start();
    this.#child.send(request);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const child = this.#child;
    if (child === null) return;
    await new Promise<void>((resolve) => {
      this.#whenEnded = resolve;
      child.end();
    });
  }

  #start(): Child {
    const { script, address, onReply, onEnd } = this.#options;
    this.starts++;
    const child = new Child(script, [], {
      onMessage: (message) => {
        this.#backOff.succeeded();
        onReply(message as MirrorReply);
      },
      onEnd: (reason) => {
        this.#child = null;
        this.#whenEnded?.();
        if (this.#closing) return;
        this.#backOff.failed(new Error(reason));
        onEnd(reason);
      },
    });
    child.send({ kind: 'source', address, serverId: this.#serverId } satisfies MirrorRequest);
    return child;
  }
}
