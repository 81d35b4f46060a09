import type { BenchContext, Row } from './claim.ts';

/** Measures once; throws if the answers were not right. `round` is 0 for the warm-up. */
export type Measure = (round: number, seconds: number) => Promise<number>;

export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly peerName: string;
  readonly target: number;
  readonly note?: string;
  /** Both sides have been measured in another way just before. */
  readonly isWarm?: boolean;
  readonly sluice: Measure;
  readonly peer: Measure;
}

/** Part of a measurement's time that its warm-up takes. */
const WARM_UP_SHARE = 0.2;

/** The ratio of two sides that are measured by turns: that of their medians. */
export async function compare(context: BenchContext, comparison: Comparison): Promise<Row> {
  const { name, unit, peerName, target, note } = comparison;
  const [sluice = [], peer = []] = await byTurns(context, comparison, [comparison.sluice, comparison.peer]);
  return ratioOf({ name, unit, peerName, target, note }, sluice, peer);
}

/**
 * Measures all sides by turns, first, second, first, second, so that a machine that slows down does so for all, after a
 * warm-up of each that does not count.
 * @returns the figures of each side
 */
export async function byTurns(
  context: BenchContext,
  { name, unit, isWarm }: { readonly name: string; readonly unit: string; readonly isWarm?: boolean | undefined },
  sides: readonly Measure[],
): Promise<number[][]> {
  if (isWarm !== true) for (const measure of sides) await measure(0, Math.ceil(context.seconds * WARM_UP_SHARE));
  const rounds: number[][] = sides.map(() => []);
  for (let round = 1; round <= context.rounds; round++) {
    for (const [side, measure] of sides.entries()) rounds[side]?.push(await measure(round, context.seconds));
    const figures = rounds.map((values) => format(values.at(-1) ?? Number.NaN)).join(' against ');
    context.log(`${name}, round ${round} of ${context.rounds}: ${figures} ${unit}`);
  }
  return rounds;
}

/** The ratio of the medians, and whether it reaches the target. */
export function ratioOf(
  { name, unit, peerName, target, note }: Pick<Row, 'name' | 'unit' | 'peerName' | 'target'> & { note?: string },
  sluiceRounds: readonly number[],
  peerRounds: readonly number[],
): Row {
  const [sluice, peer] = [median(sluiceRounds), median(peerRounds)];
  const ratio = sluice / peer;
  const rounds = { sluice: sluiceRounds, peer: peerRounds };
  return { name, unit, sluice, peer, peerName, ratio, target, ok: ratio >= target, rounds, note };
}

/** A figure, the median of its rounds, that is to reach a bound, with the peer's beside it. */
export function atLeast(
  figure: Pick<Row, 'name' | 'unit' | 'peerName' | 'target'> & { note?: string },
  sluiceRounds: readonly number[],
  peerRounds: readonly number[],
): Row {
  const row = ratioOf(figure, sluiceRounds, peerRounds);
  return { ...row, targetOf: 'figure at least', ok: row.sluice >= row.target };
}

/** A figure that is to stay below a bound, with the peer's beside it. */
export function boundedBy(
  { name, unit, peerName, target, note }: Pick<Row, 'name' | 'unit' | 'peerName' | 'target'> & { note?: string },
  sluice: number,
  peer: number,
): Row {
  const rounds = { sluice: [sluice], peer: [peer] };
  const ok = sluice <= target;
  return {
    name,
    unit,
    sluice,
    peer,
    peerName,
    ratio: sluice / peer,
    target,
    targetOf: 'figure at most',
    ok,
    rounds,
    note,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('median of nothing');
  return (lower + upper) / 2;
}

/** `12,345`, and `9.6`. */
export function format(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 });
}
