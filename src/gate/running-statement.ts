/** One statement on its way, from its arrival to its answer: what SHOW PROCESSLIST, /v1/status/queries and KILL know of it, and what is counted at its end. */
import type { SluiceError } from '../errors.ts';
import type { SlotValue } from '../sql/slots.ts';
import type { GateSession } from './session.ts';
import type { PlanCounters } from './statistics/statistics.ts';

const NO_VALUES: readonly SlotValue[] = [];

export class RunningStatement {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Of performance.now(). */
  readonly startedAt = performance.now();
  /** null until it has a plan. */
  counters: PlanCounters | null = null;
  values: readonly SlotValue[] = NO_VALUES;
  rows = 0;

  constructor(text: string, since: number) {
    this.text = text;
    this.since = since;
  }
}

/** `error`: null when it succeeded. */
export function countEnded(session: GateSession, running: RunningStatement, error: SluiceError | null): void {
  const { protection, settings } = session.gate;
  const { counters } = running;
  const milliseconds = performance.now() - running.startedAt;
  if (error !== null) protection.statistics.failed(counters, milliseconds, error);
  else if (counters !== null) protection.statistics.took(counters, milliseconds, running.rows);
  const { slowQueryMs } = settings;
  if (!protection.queryLog.isOn && (slowQueryMs === 0 || milliseconds < slowQueryMs)) return;
  protection.ended(
    {
      at: running.since,
      session: session.id,
      user: session.user,
      host: session.host,
      protocol: session.client.protocol,
      database: session.database,
      kind: counters?.facts.kind ?? null,
      statement: counters?.facts.fingerprint ?? '(it could not be planned)',
      values: running.values,
      milliseconds,
      rows: running.rows,
      error: error?.code ?? null,
    },
    slowQueryMs,
  );
}
