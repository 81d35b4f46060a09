/** A list that is kept: an index or a window, with what decides how long. */
import type { NeededIndex } from './index-plan.ts';
import type { KeptIndex } from './kept-index.ts';
import type { KeptWindow } from './kept-window.ts';
import type { LiveList } from './live-list.ts';
import type { TableLists } from './table-lists.ts';

interface KeptEntry {
  readonly key: string;
  readonly lists: TableLists;
  /** Of the index or window, when it was last looked at. */
  bytes: number;
  hits: number;
  /** Since the search for memory last came by. */
  isUsed: boolean;
  /** Answers and changes since they were last held against each other. */
  recentHits: number;
  recentChanges: number;
}

export interface IndexEntry extends KeptEntry {
  readonly kind: 'index';
  readonly index: KeptIndex;
  readonly needed: NeededIndex;
  readonly grouping: string;
}

export interface WindowEntry extends KeptEntry {
  readonly kind: 'window';
  readonly window: KeptWindow;
  isFilling: boolean;
  /** Subscriptions to it, by skip and max. While there are any, it is not dropped. */
  readonly live: Map<string, LiveList>;
}

export type ListEntry = IndexEntry | WindowEntry;

/** Of a new one. */
export function entryOf(key: string, lists: TableLists): KeptEntry {
  return { key, lists, bytes: 0, hits: 0, isUsed: false, recentHits: 0, recentChanges: 0 };
}

/** So long after its last subscriber a live list stays, for those that come back. */
const LIVE_IDLE_MS = 60_000;

export function touch(entry: ListEntry): void {
  entry.hits++;
  entry.recentHits++;
  entry.isUsed = true;
}

/** Somebody is subscribed to it, or may come back. */
export function isLive(entry: ListEntry): boolean {
  if (entry.kind === 'index' || entry.live.size === 0) return false;
  const now = Date.now();
  for (const [page, live] of entry.live)
    if (live.listeners.size === 0 && now - live.idleSince > LIVE_IDLE_MS) entry.live.delete(page);
  return entry.live.size > 0;
}
