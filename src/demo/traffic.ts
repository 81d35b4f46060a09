/**
 * `serve --demo`: life in main.feed, so that a live list has something to show. As a client would, through a session of the gate: posts a story, warms
 * one that is new, takes one away. Only stories that it posted itself are touched, and the oldest go when there are many: what the user has put there,
 * and the demo's first 100,000, stay as they are.
 */
import { asFailure } from '../errors.ts';
import type { Gate, Session } from '../gate/request.ts';
import { SeededRandom } from '../util/random.ts';
import { drawStory, FEED_COLUMNS } from './feed.ts';
import { slotOf } from './slot-of.ts';

export interface TrafficOptions {
  /** About so many changes. */
  readonly perSecond: number;
  /** Determines what happens, but not when. */
  readonly seed?: number;
  /** Of main.feed, as far as it is known; none when it is not there. */
  readonly columns: () => readonly { readonly name: string }[];
  readonly log: { info(details: object, message: string): void };
}

/** What tells these stories from all others; the demo's first ones have 3. */
const APPID = 4;
/** Of its own. */
const STORIES_MAX = 200;
/** Who reads, reads the newest. */
const WARMED_NEWEST = 8;

/** In parts of 100: the rest posts. */
const WARMS = 40;
const DELETES = 6;

export class DemoTraffic {
  readonly #gate: Gate;
  readonly #columns: TrafficOptions['columns'];
  readonly #log: TrafficOptions['log'];
  readonly #random: SeededRandom;
  readonly #pauseMs: number;
  /** Keys of its own stories, oldest first; null before they have been asked for. */
  #stories: unknown[] | null = null;
  #session: Session | null = null;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(gate: Gate, { perSecond, seed = Date.now(), columns, log }: TrafficOptions) {
    this.#gate = gate;
    this.#columns = columns;
    this.#log = log;
    this.#random = new SeededRandom(seed);
    this.#pauseMs = 1000 / perSecond;
  }

  start(): void {
    this.#session = this.#gate.openSession({ user: 'root', host: 'localhost', protocol: 'embedded', database: 'main' });
    this.#session.onKill = () => this.#end('its session was killed');
    this.#schedule();
  }

  /** Ends what runs, without waiting for it: it may be waiting for a client's transaction. */
  close(): void {
    this.#end(null);
  }

  #end(why: string | null): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#session?.close();
    if (why !== null) this.#log.info({ why }, 'the demo posts no more');
  }

  #schedule(): void {
    if (this.#ended) return;
    this.#timer = setTimeout(() => void this.#step(), this.#pauseMs * (0.4 + 1.2 * this.#random.next()));
    this.#timer.unref();
  }

  /** Never rejects. */
  async #step(): Promise<void> {
    try {
      if (this.#isDemoTable()) await this.#change();
    } catch (error) {
      const failure = asFailure(error);
      const isPassing = failure.retryable || failure.code === 'SLUICE_SOURCE_OUTCOME_UNKNOWN';
      if (!isPassing && this.#isDemoTable()) this.#end(failure.message);
    }
    if (!this.#isDemoTable()) this.#end('main.feed is no longer the demo');
    this.#schedule();
  }

  /** Not one that the user has put in its place. */
  #isDemoTable(): boolean {
    return (
      this.#columns()
        .map(({ name }) => name)
        .join() === FEED_COLUMNS.join()
    );
  }

  async #change(): Promise<void> {
    this.#stories ??= await this.#ownStories();
    const stories = this.#stories;
    const what = this.#random.below(100);
    if (stories.length > STORIES_MAX) await this.#delete(0);
    else if (what < WARMS && stories.length > 0) await this.#warm();
    else if (what < WARMS + DELETES && stories.length > WARMED_NEWEST) await this.#delete(this.#newest(stories.length));
    else await this.#post();
  }

  async #post(): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    const values = drawStory(this.#random, now, now % ID_RANGE);
    const names = FEED_COLUMNS.slice(1);
    const text = `INSERT INTO feed (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
    const outcome = await this.#execute(text, [APPID, ...values]);
    if (outcome.kind === 'ok') this.#stories?.push(outcome.insertId);
  }

  async #warm(): Promise<void> {
    const stories = this.#stories ?? [];
    await this.#execute('UPDATE feed SET hot = hot + 1 WHERE pkey = ?', [stories[this.#newest(stories.length)]]);
  }

  async #delete(place: number): Promise<void> {
    const [pkey] = this.#stories?.splice(place, 1) ?? [];
    await this.#execute('DELETE FROM feed WHERE pkey = ? AND appid = ?', [pkey, APPID]);
  }

  #newest(count: number): number {
    return count - 1 - this.#random.below(Math.min(count, WARMED_NEWEST));
  }

  /** Those of an earlier run too. */
  async #ownStories(): Promise<unknown[]> {
    const outcome = await this.#execute('SELECT pkey FROM feed WHERE appid = ? ORDER BY pkey', [APPID]);
    const keys: unknown[] = [];
    if (outcome.kind === 'rows') for (const [pkey] of outcome.rows) keys.push(pkey);
    if (outcome.kind === 'stream')
      for await (const chunk of outcome.chunks) for (const [pkey] of chunk) keys.push(pkey);
    return keys;
  }

  async #execute(text: string, values: readonly unknown[]) {
    const session = this.#session;
    if (session === null) throw new TypeError('the traffic has not started');
    return await session.execute({ kind: 'sql', text, parameters: values.map(slotOf) });
  }
}

/** Numbers of the things that stories are about. */
const ID_RANGE = 1_000_000;
