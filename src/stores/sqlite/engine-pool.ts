/** Read-only engines that are each used by one holder at a time: snapshots, and streams inside this process. */
import type { Engine } from './engine.ts';

/** Idle engines that are kept; beyond it they are closed when given back. */
const IDLE_ENGINES = 8;

export class EnginePool {
  readonly #open: () => Engine;
  readonly #idle: Engine[] = [];
  readonly #used = new Set<Engine>();

  constructor(open: () => Engine) {
    this.#open = open;
  }

  take(): Engine {
    const engine = this.#idle.pop() ?? this.#open();
    this.#used.add(engine);
    return engine;
  }

  giveBack(engine: Engine): void {
    if (!this.#used.delete(engine)) return;
    if (this.#idle.length < IDLE_ENGINES) this.#idle.push(engine);
    else engine.close();
  }

  close(): void {
    for (const engine of [...this.#idle, ...this.#used]) engine.close();
    this.#idle.length = 0;
    this.#used.clear();
  }
}
