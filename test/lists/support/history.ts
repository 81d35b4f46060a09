/** The states that a live list went through, held against what the page was at each commit. */
import { isDeepStrictEqual } from 'node:util';
import type { LiveList, Page } from 'sluice/client';
import type { FreshPage, Story } from './stories.ts';

export class History {
  readonly live: LiveList<Story>;
  readonly states: Page<Story>[] = [];

  constructor(live: LiveList<Story>) {
    this.live = live;
    live.onChange(({ page }) => this.states.push(page));
  }

  /** What it showed at a commit: the newest state that is not newer. */
  at(sequence: number): Page<Story> | undefined {
    return this.states.findLast((state) => state.seq <= sequence);
  }

  /** What it shows now. */
  shows({ rows, count }: FreshPage): boolean {
    return isDeepStrictEqual(this.live.rows, rows) && this.live.count === count;
  }
}
