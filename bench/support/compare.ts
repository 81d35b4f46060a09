import type { BenchContext, Row } from './claim.ts';

export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly peerName: string;
  readonly target: number;
  readonly note?: string;
  /** Measures once; throws if the answers were not right. `round` is 0 for the warm-up. */
  sluice(round: number, seconds: number): Promise<number>;
  peer(round: number, seconds: number): Promise<number>;
}

const WARM_UP_SECONDS = 2;

/**
 * Measures both sides by turns, Sluice, peer, Sluice, peer, so that a machine that slows down does so for both, after a
 * warm-up of each that does not count. The ratio is that of the medians.
 */
export async function compare(context: BenchContext, comparison: Comparison): Promise<Row> {
  const rounds = { sluice: [] as number[], peer: [] as number[] };
  await comparison.sluice(0, WARM_UP_SECONDS);
  await comparison.peer(0, WARM_UP_SECONDS);
  for (let round = 1; round <= context.rounds; round++) {
    const sluice = await comparison.sluice(round, context.seconds);
    const peer = await comparison.peer(round, context.seconds);
    rounds.sluice.push(sluice);
    rounds.peer.push(peer);
    const figures = `${format(sluice)} against ${format(peer)} ${comparison.unit}`;
    context.log(`${comparison.name}, round ${round} of ${context.rounds}: ${figures}`);
  }
  const [sluice, peer] = [median(rounds.sluice), median(rounds.peer)];
  const ratio = sluice / peer;
  const { name, unit, peerName, target, note } = comparison;
  return { name, unit, sluice, peer, peerName, ratio, target, ok: ratio >= target, rounds, note };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('median of nothing');
  return (lower + upper) / 2;
}

/** `12,345`. */
export function format(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
