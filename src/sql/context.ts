/**
 * What an executing statement may know of its session and server. The gate implements these; the planner's parameter sources,
 * SHOW and information_schema read them.
 */
import type { Catalog } from '../stores/catalog.ts';
import type { Warning } from '../stores/statement.ts';
import type { SlotValue } from './slots.ts';
import type { VariableScope, VariableValue } from './variables/variable.ts';

export interface ProcessInfo {
  readonly id: number;
  readonly user: string;
  readonly host: string;
  readonly database: string | null;
  /** MySQL's words: Query, Sleep, Execute, Prepare ... */
  readonly command: string;
  readonly seconds: number;
  readonly state: string;
  /** The running statement's text. */
  readonly info: string | null;
}

export interface ServerView {
  processes(): readonly ProcessInfo[];
  /** Counters for SHOW STATUS: Questions, Threads_connected, Uptime ... */
  statusCounters(): ReadonlyMap<string, number | string>;
}

export interface SessionView {
  readonly connectionId: number;
  readonly user: string;
  readonly host: string;
  readonly database: string | null;
  /** @@name; throws 1193 when there is no such variable. */
  variable(name: string, scope?: VariableScope): VariableValue;
  userVariable(name: string): SlotValue | undefined;
  readonly lastInsertId: number | bigint;
  readonly rowCount: number;
  readonly foundRows: number;
  /** Of the previous statement, for SHOW WARNINGS. */
  readonly warnings: readonly Warning[];
  readonly server: ServerView;
}

/** Everything a plan needs to be executed once. */
export interface ExecutionContext {
  readonly slots: readonly SlotValue[];
  readonly session: SessionView;
  readonly catalog: Catalog;
  /** Microseconds since 1970, UTC: NOW() is the same throughout a statement. */
  readonly nowMicros: number;
}
