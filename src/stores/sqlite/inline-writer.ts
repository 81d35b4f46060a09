/** The writer inside this process, for embedded use: the same requests, carried out at once. */
import type { StoredState } from './catalog-tables.ts';
import type { Engine } from './engine.ts';
import type { WriterPort, WriterReply, WriterRequest } from './writer-protocol.ts';
import { WriterService } from './writer-service.ts';

export class InlineWriter implements WriterPort {
  readonly #engine: Engine;
  readonly #service: WriterService;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#service = new WriterService(engine, null);
  }

  send(request: WriterRequest): Promise<WriterReply> {
    return Promise.resolve(this.#service.handle([request])[0]!);
  }

  /** It ends only with this process. */
  recover(): Promise<StoredState> {
    return Promise.reject(new Error('an inline writer is never lost'));
  }

  close(): Promise<void> {
    this.#engine.close();
    return Promise.resolve();
  }
}
