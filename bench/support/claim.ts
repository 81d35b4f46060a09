import type { CoreLayout } from './cores.ts';

/** One claim that the README makes: what is measured, against what, and how much of it is wanted. */
export interface Claim {
  /** The target's number in the design and a name: `T3-point-select`. `npm run bench -- T3` runs all that begin so. */
  readonly id: string;
  readonly title: string;
  run(context: BenchContext): Promise<Row[]>;
}

export interface BenchContext {
  /** How long each measurement takes. */
  readonly seconds: number;
  /** How often both sides are measured, by turns. */
  readonly rounds: number;
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
  readonly ok: boolean;
  readonly rounds: { readonly sluice: readonly number[]; readonly peer: readonly number[] };
  /** What the reader of the ratio has to know, if anything. */
  readonly note?: string;
}
