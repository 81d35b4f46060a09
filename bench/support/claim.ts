import type { CoreLayout } from './cores.ts';

/** One claim that the README makes: what is measured, against what, and how much of it is wanted. */
export interface Claim {
  /** The target's number in the design and a name: `T3-point-select`. `npm run bench -- T3` runs all that begin so. */
  readonly id: string;
  readonly title: string;
  /** How long each measurement takes unless it is asked for otherwise; absent: DEFAULT_SECONDS. */
  readonly seconds?: number;
  run(context: BenchContext): Promise<Row[]>;
}

export const DEFAULT_SECONDS = 10;
/** Of the feed; other tables are made in proportion. */
export const DEFAULT_ROWS = 1_000_000;
export const DEFAULT_CONNECTIONS = 10_000;

export interface BenchContext {
  /** How long each measurement takes. */
  readonly seconds: number;
  /** How often both sides are measured, by turns. */
  readonly rounds: number;
  /** Rows of the feed. Smaller only to see that a claim runs. */
  readonly rows: number;
  /** What "many connections" is. */
  readonly connections: number;
  readonly cores: CoreLayout;
  /** Says what is being done. */
  log(line: string): void;
}

/** A ratio, and the figures that it comes from. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  /** Medians of the rounds. */
  readonly sluice: number;
  readonly peer: number;
  readonly peerName: string;
  readonly ratio: number;
  readonly target: number;
  /** What the target is set for; absent: the ratio, at the least. */
  readonly targetOf?: 'figure at most' | 'figure at least';
  readonly ok: boolean;
  readonly rounds: { readonly sluice: readonly number[]; readonly peer: readonly number[] };
  /** What the reader of the ratio has to know, if anything. */
  readonly note?: string;
}
