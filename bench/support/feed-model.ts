/** What the lists of the feed hold, worked out from its rows as they are made, so that answers can be checked. */
import { FEED_COLUMNS, type FeedRow } from '../../src/demo/feed.ts';
import type { TextRecord } from './known-query.ts';

/** How many rows of each kind are remembered: as many as a page has. */
const NEWEST_MAX = 10;

const [PKEY, UID, DATELINE, IDTYPE] = (['pkey', 'uid', 'dateline', 'idtype'] as const).map((name) =>
  FEED_COLUMNS.indexOf(name),
) as [number, number, number, number];

interface Kind {
  /** Of all its rows; they never fall. */
  readonly datelines: number[];
  /** Newest last. */
  readonly newest: FeedRow[];
}

export class FeedModel {
  readonly #sampleEvery: number;
  readonly #samples: FeedRow[] = [];
  readonly #newestOfUser = new Map<number, FeedRow>();
  readonly #kinds = new Map<string, Kind>();
  #first: FeedRow | undefined;
  #last: FeedRow | undefined;

  /** Of `rows` rows about `samples`, evenly spread, can be asked for by their key. */
  constructor(rows: number, samples: number) {
    this.#sampleEvery = Math.max(1, Math.floor(rows / samples));
  }

  /** The next row. */
  add(row: FeedRow): void {
    this.#first ??= row;
    this.#last = row;
    if (Number(row[PKEY]) % this.#sampleEvery === 0) this.#samples.push(row);
    this.#newestOfUser.set(Number(row[UID]), row);
    const idtype = String(row[IDTYPE]);
    let kind = this.#kinds.get(idtype);
    if (kind === undefined) {
      kind = { datelines: [], newest: [] };
      this.#kinds.set(idtype, kind);
    }
    kind.datelines.push(Number(row[DATELINE]));
    if (kind.newest.push(row) > NEWEST_MAX) kind.newest.shift();
  }

  get rows(): number {
    return Number(this.#last?.[PKEY] ?? 0);
  }

  get datelines(): { readonly first: number; readonly last: number } {
    return { first: Number(this.#first?.[DATELINE]), last: Number(this.#last?.[DATELINE]) };
  }

  /** Keys whose rows are remembered. */
  get sampledKeys(): number[] {
    return this.#samples.map((row) => Number(row[PKEY]));
  }

  /** `pkey:NUMEQ:pkey`, for a sampled key. */
  byKey(pkey: number): TextRecord[] {
    const row = this.#samples[pkey / this.#sampleEvery - 1];
    if (row === undefined || row[PKEY] !== pkey) throw new RangeError(`row ${pkey} is not remembered`);
    return [recordOf(row)];
  }

  /** `uid:NUMEQ:uid`, newest first, one row. */
  newestOfUser(uid: number): TextRecord[] {
    const row = this.#newestOfUser.get(uid);
    return row === undefined ? [] : [recordOf(row)];
  }

  /** `dateline:NUMGE:dateline|idtype:STREQ:idtype`, newest first, ten rows. */
  newestOfKind(dateline: number, idtype: string): TextRecord[] {
    const rows = this.#kinds.get(idtype)?.newest ?? [];
    return rows
      .filter((row) => Number(row[DATELINE]) >= dateline)
      .reverse()
      .map(recordOf);
  }

  /** How many rows fulfil the same. */
  countOfKind(dateline: number, idtype: string): number {
    const datelines = this.#kinds.get(idtype)?.datelines ?? [];
    let [low, high] = [0, datelines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((datelines[middle] ?? 0) < dateline) low = middle + 1;
      else high = middle;
    }
    return datelines.length - low;
  }
}

function recordOf(row: FeedRow): TextRecord {
  return Object.fromEntries(FEED_COLUMNS.map((name, index) => [name, String(row[index])]));
}
