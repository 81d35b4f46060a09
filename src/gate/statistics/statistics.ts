/**
 * What statements did: by plan, by kind, errors by class. Counting is on every statement's way, so that is all that happens there: numbers are added up in
 * objects that the plan holds already; sorting and naming is done when somebody looks (/v1/status, /metrics).
 */
import type { SluiceError } from '../../errors.ts';
import { MAX_PLAN_STATISTICS } from '../../limits.ts';
import { shortText } from '../../util/short-text.ts';
import { PLAN_KINDS, type PlanFacts, type PlanKind } from '../statement-facts.ts';
import { LATENCY_BOUNDS_MS, LatencyHistogram } from './latency-histogram.ts';

/** Counters of one plan; the plan's holder adds to them by `Statistics.took`. */
export interface PlanCounters {
  readonly facts: PlanFacts;
  /** Of its kind. */
  readonly latency: LatencyHistogram;
  hits: number;
  milliseconds: number;
  /** Given to clients, or changed. */
  rows: number;
  errors: number;
}

export interface PlanStatistics {
  readonly statement: string;
  readonly kind: PlanKind;
  readonly reason: string;
  readonly tables: readonly string[];
  readonly hits: number;
  readonly milliseconds: number;
  readonly rows: number;
  readonly errors: number;
}

export interface LatencyStatistics {
  readonly kind: PlanKind;
  readonly count: number;
  readonly sumMs: number;
  /** Bounds of the buckets in which they are; null: none yet, or beyond the last bound. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly buckets: readonly { readonly upToMs: number | null; readonly count: number }[];
}

/** Longer texts are mostly bulk inserts, no two of which are alike: those that begin in the same words are counted together. */
const FINGERPRINT_CHARS_MAX = 2_000;

export class Statistics {
  readonly #plans = new Map<string, PlanCounters>();
  readonly #latencies = new Map<PlanKind, LatencyHistogram>(PLAN_KINDS.map((kind) => [kind, new LatencyHistogram()]));
  readonly #errors = new Map<string, { errno: number; count: number }>();
  #dropped = 0;

  /** The counters of a plan; the same object for the same statement and kind as long as it is not dropped for newer ones. */
  countersOf(given: PlanFacts): PlanCounters {
    const isLong = given.fingerprint.length > FINGERPRINT_CHARS_MAX;
    const facts = isLong ? { ...given, fingerprint: shortText(given.fingerprint, FINGERPRINT_CHARS_MAX) } : given;
    const key = `${facts.kind}\0${facts.fingerprint}`;
    let counters = this.#plans.get(key);
    if (counters === undefined) {
      if (this.#plans.size >= MAX_PLAN_STATISTICS) this.#dropLeast();
      counters = { facts, latency: this.latencyOf(facts.kind), hits: 0, milliseconds: 0, rows: 0, errors: 0 };
      this.#plans.set(key, counters);
    }
    return counters;
  }

  took(counters: PlanCounters, milliseconds: number, rows: number): void {
    counters.hits++;
    counters.milliseconds += milliseconds;
    counters.rows += rows;
    counters.latency.observe(milliseconds);
  }

  /** `counters`: null for what failed before it had a plan. */
  failed(counters: PlanCounters | null, milliseconds: number, error: SluiceError): void {
    if (counters !== null) {
      this.took(counters, milliseconds, 0);
      counters.errors++;
    }
    const known = this.#errors.get(error.code);
    if (known === undefined) this.#errors.set(error.code, { errno: error.errno, count: 1 });
    else known.count++;
  }

  latencyOf(kind: PlanKind): LatencyHistogram {
    return this.#latencies.get(kind) as LatencyHistogram;
  }

  /** Those that took most time first. */
  plans(): PlanStatistics[] {
    return [...this.#plans.values()]
      .filter(({ hits }) => hits > 0)
      .sort((a, b) => b.milliseconds - a.milliseconds)
      .map(({ facts, hits, milliseconds, rows, errors }) => ({
        statement: facts.fingerprint,
        kind: facts.kind,
        reason: facts.reason,
        tables: facts.tables.map(({ database, table }) => `${database}.${table}`),
        hits,
        milliseconds,
        rows,
        errors,
      }));
  }

  /** Plans whose counters were dropped for newer ones. */
  get dropped(): number {
    return this.#dropped;
  }

  errors(): { code: string; errno: number; count: number }[] {
    return [...this.#errors].map(([code, counted]) => ({ code, ...counted })).sort((a, b) => b.count - a.count);
  }

  latencies(): LatencyStatistics[] {
    return PLAN_KINDS.map((kind) => {
      const histogram = this.latencyOf(kind);
      return {
        kind,
        count: histogram.count,
        sumMs: histogram.sumMs,
        p50Ms: finite(histogram.quantile(0.5)),
        p95Ms: finite(histogram.quantile(0.95)),
        p99Ms: finite(histogram.quantile(0.99)),
        buckets: [...histogram.counts].map((count, i) => ({ upToMs: LATENCY_BOUNDS_MS[i] ?? null, count })),
      };
    });
  }

  /** The tenth that was asked least. */
  #dropLeast(): void {
    const least = [...this.#plans].sort(([, a], [, b]) => a.hits - b.hits).slice(0, Math.ceil(this.#plans.size / 10));
    for (const [key] of least) this.#plans.delete(key);
    this.#dropped += least.length;
  }
}

function finite(milliseconds: number | null): number | null {
  return milliseconds === null || Number.isFinite(milliseconds) ? milliseconds : null;
}
