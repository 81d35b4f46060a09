/**
 * Reads of single keys, outside of transactions: those that come while others are on their way share the next SELECT. It is sent after they came, so each sees
 * whatever had been acknowledged by then, and one statement is one snapshot. A read that turns out to need more than the keys it names (a string that is not
 * there may be a hash) is asked once more, together with others, for the first rows below its key; what needs more than that is run by itself.
 */
import type { SluiceError } from '../../../errors.ts';
import type { KeyCommand } from '../../../keys/command.ts';
import { searchedFields } from '../../../keys/redis/node.ts';
import type { SourceConnection } from '../../../stores/mysql/connection.ts';
import type { Source } from '../../../stores/mysql/source.ts';
import { giveBack, takeClean } from './clean-connections.ts';
import { isByteLimit, NeedsMore, type PlannedCommand, PlanRun, SourceStopped } from './plan-run.ts';
import type { Scratch } from './scratch.ts';
import type { ScratchPool } from './scratch-pool.ts';

const SINGLE_READS: ReadonlySet<KeyCommand['op']> = new Set([
  'getEntry',
  'getMany',
  'redisExist',
  'redisExpiry',
  'redisGet',
  'redisHget',
  'redisMget',
  'redisType',
]);
/** Of one command. */
const KEYS_MAX = 100;
/** Of one SELECT. */
const GROUP_KEYS = 500;
/** Of one command, among whose descendants fields are looked for together with others'. */
const SEARCHED_KEYS = 2;
/** Commands of which one SELECT does that. */
const SEARCHED_AT_ONCE = 20;
/** SELECTs that are on their way at once. */
const GROUPS_MAX = 4;

export class ReadLine {
  readonly #source: Source;
  readonly #scratches: ScratchPool;
  readonly #alone: (command: PlannedCommand<unknown>, now: number) => Promise<unknown>;
  readonly #waiting: Read[] = [];
  #groups = 0;

  /** `alone` runs a command by itself. */
  constructor(
    source: Source,
    scratches: ScratchPool,
    alone: (command: PlannedCommand<unknown>, now: number) => Promise<unknown>,
  ) {
    this.#source = source;
    this.#scratches = scratches;
    this.#alone = alone;
  }

  takes({ op }: KeyCommand, { named }: PlannedCommand<unknown>): boolean {
    return SINGLE_READS.has(op) && named.keys.length > 0 && named.keys.length <= KEYS_MAX;
  }

  add(command: PlannedCommand<unknown>, now: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(new Read(command, now, resolve, reject));
      if (this.#groups === GROUPS_MAX) return;
      this.#groups++;
      // Others that come in the same turn share it.
      queueMicrotask(() => void this.#serve());
    });
  }

  async #serve(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup();
      try {
        await this.#run(group);
      } catch (error) {
        for (const read of group) read.reject(error instanceof SourceStopped ? error.cause : error);
      }
    }
    this.#groups--;
  }

  #nextGroup(): Read[] {
    const group: Read[] = [];
    let keys = 0;
    while (this.#waiting.length > 0 && keys < GROUP_KEYS) {
      const read = this.#waiting.shift()!;
      if (read.isSettled) continue;
      group.push(read);
      keys += read.command.named.keys.length;
    }
    return group;
  }

  async #run(group: readonly Read[]): Promise<void> {
    if (group.length === 0) return;
    const { reads } = this.#source;
    const connection = await takeClean(reads);
    let more: readonly Read[];
    try {
      for (const read of group) read.onLeft = () => leave(group, connection);
      more = await this.#searched(await this.#together(group, connection), connection);
    } catch (error) {
      connection.isTainted = true;
      throw error;
    } finally {
      for (const read of group) read.onLeft = null;
      giveBack(reads, connection);
    }
    // Nobody else is to wait for them.
    for (const read of more) if (!read.isSettled) read.settleWith(this.#alone(read.command, read.now));
  }

  /** Those that need more. */
  #together(group: readonly Read[], connection: SourceConnection): Promise<readonly Read[]> {
    return this.#scratches.with(0, async (scratch) => {
      const run = runOf(group, scratch, connection);
      await run.prefetch(group.map(({ command }) => command.named));
      return answer(group, run);
    });
  }

  /** Most of what needs more names a key that is not there, and asks whether it is a hash. Those that still need more. */
  async #searched(group: readonly Read[], connection: SourceConnection): Promise<readonly Read[]> {
    const more = group.filter(({ command }) => command.named.keys.length > SEARCHED_KEYS);
    const few = group.filter(({ command }) => command.named.keys.length <= SEARCHED_KEYS);
    for (let at = 0; at < few.length; at += SEARCHED_AT_ONCE)
      more.push(...(await this.#search(few.slice(at, at + SEARCHED_AT_ONCE), connection)));
    return more;
  }

  #search(group: readonly Read[], connection: SourceConnection): Promise<readonly Read[]> {
    return this.#scratches.with(0, async (scratch) => {
      const run = runOf(group, scratch, connection);
      const keys = [...new Set(group.flatMap(({ command }) => command.named.keys))];
      try {
        await run.bringTogether(keys, keys.map(searchedFields));
      } catch (error) {
        if (isByteLimit(error)) return group;
        throw error;
      }
      return answer(group, run);
    });
  }
}

function runOf(group: readonly Read[], scratch: Scratch, connection: SourceConnection): PlanRun {
  const now = Math.min(...group.map((read) => read.now));
  return new PlanRun(connection, scratch, { writes: false, now });
}

/** From what has been brought. Gives those that need more. */
async function answer(group: readonly Read[], run: PlanRun): Promise<Read[]> {
  run.isClosed = true;
  const more: Read[] = [];
  for (const read of group) {
    try {
      read.resolve(await run.run(read.command));
    } catch (error) {
      const cause = error instanceof SourceStopped ? error.cause : error;
      if (cause instanceof NeedsMore || isByteLimit(cause)) more.push(read);
      else read.reject(cause);
    }
  }
  return more;
}

/** Nobody waits for an answer that does not come. */
function leave(group: readonly Read[], connection: SourceConnection): void {
  if (group.every(({ isSettled }) => isSettled)) connection.destroy('nobody waits for its answer any longer');
}

class Read {
  readonly command: PlannedCommand<unknown>;
  readonly now: number;
  isSettled = false;
  /** Called when it was cancelled. */
  onLeft: (() => void) | null = null;
  readonly #resolve: (result: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    command: PlannedCommand<unknown>,
    now: number,
    resolve: (result: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.command = command;
    this.now = now;
    this.#resolve = resolve;
    this.#reject = reject;
    command.cancellation.onCancel = (reason) => this.#cancel(reason);
  }

  resolve(result: unknown): void {
    if (!this.#settle()) return;
    this.#resolve(result);
  }

  reject(error: unknown): void {
    if (!this.#settle()) return;
    this.#reject(error);
  }

  /** What cancels it from now on is another's affair. */
  settleWith(result: Promise<unknown>): void {
    this.isSettled = true;
    result.then(this.#resolve, this.#reject);
  }

  #settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    this.command.cancellation.onCancel = null;
    return true;
  }

  #cancel(reason: SluiceError): void {
    this.reject(reason);
    this.onLeft?.();
  }
}
