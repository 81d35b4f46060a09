/**
 * The variables that statements read while they run, in the form in which they are used. One frozen object, made when a variable is set, so
 * that reading one costs a property access.
 */
import { parseSqlMode, type SqlMode } from './sql-mode.ts';
import { findTimeZone, type TimeZone } from './time-zone.ts';
import type { VariableValue } from './variable.ts';

export type IsolationLevel = 'READ-UNCOMMITTED' | 'READ-COMMITTED' | 'REPEATABLE-READ' | 'SERIALIZABLE';

export interface SessionSettings {
  readonly autocommit: boolean;
  readonly sqlMode: SqlMode;
  /** The text of sql_mode: part of a plan's key. */
  readonly sqlModeText: string;
  readonly foreignKeyChecks: boolean;
  readonly sqlNotes: boolean;
  readonly sqlQuoteShowCreate: boolean;
  readonly timeZone: TimeZone;
  readonly isolation: IsolationLevel;
  /** Of transactions that begin without READ ONLY or READ WRITE. */
  readonly readOnly: boolean;
  /** How long a statement waits for the writer: the smaller of innodb_lock_wait_timeout and lock_wait_timeout. */
  readonly lockWaitTimeoutMs: number;
  /** 0: none. */
  readonly transactionTimeoutMs: number;
  /** max_execution_time, for SELECT; 0: none. */
  readonly maxExecutionTimeMs: number;
  /** 0: none. */
  readonly maxResultRows: number;
  /** Rows that an INSERT, UPDATE or DELETE may change; 0: any number. */
  readonly maxDmlRows: number;
  /** Of reads that name no max_execution_time; 0: none. */
  readonly queryTimeoutMs: number;
  /** SET workload = 'olap': results are streams, of any size and for any time. */
  readonly isOlap: boolean;
  readonly waitTimeoutMs: number;
  readonly interactiveTimeoutMs: number;
  readonly groupConcatMaxBytes: number;
  readonly characterSetClient: string;
  /** null: as stored. */
  readonly characterSetResults: string | null;
  readonly characterSetConnection: string;
  readonly collationConnection: string;
  /** SET timestamp: what NOW() is until it is set to 0 again. */
  readonly fixedNowMicros: number | null;
}

const MILLISECONDS_PER_SECOND = 1000;
const MICROS_PER_SECOND = 1_000_000;

/** `value` gives a variable by its kept name, already checked. */
export function makeSettings(value: (name: string) => VariableValue): SessionSettings {
  const on = (name: string): boolean => value(name) === 1;
  const text = (name: string): string => String(value(name));
  const milliseconds = (name: string): number => Number(value(name)) * MILLISECONDS_PER_SECOND;
  const timestamp = Number(value('timestamp'));
  return Object.freeze({
    autocommit: on('autocommit'),
    sqlMode: parseSqlMode(text('sql_mode')),
    sqlModeText: text('sql_mode'),
    foreignKeyChecks: on('foreign_key_checks'),
    sqlNotes: on('sql_notes'),
    sqlQuoteShowCreate: on('sql_quote_show_create'),
    timeZone: knownZone(text('time_zone')),
    isolation: text('transaction_isolation') as IsolationLevel,
    readOnly: on('transaction_read_only'),
    lockWaitTimeoutMs: Math.min(milliseconds('innodb_lock_wait_timeout'), milliseconds('lock_wait_timeout')),
    transactionTimeoutMs: milliseconds('sluice_transaction_timeout'),
    maxExecutionTimeMs: Number(value('max_execution_time')),
    maxResultRows: Number(value('sluice_max_result_rows')),
    maxDmlRows: Number(value('sluice_max_dml_rows')),
    queryTimeoutMs: milliseconds('sluice_query_timeout'),
    isOlap: value('workload') === 'OLAP',
    waitTimeoutMs: milliseconds('wait_timeout'),
    interactiveTimeoutMs: milliseconds('interactive_timeout'),
    groupConcatMaxBytes: Number(value('group_concat_max_len')),
    characterSetClient: text('character_set_client'),
    characterSetResults: value('character_set_results') as string | null,
    characterSetConnection: text('character_set_connection'),
    collationConnection: text('collation_connection'),
    fixedNowMicros: timestamp === 0 ? null : Math.round(timestamp * MICROS_PER_SECOND),
  });
}

function knownZone(name: string): TimeZone {
  const zone = findTimeZone(name);
  if (zone === undefined)
    throw new Error(`time_zone holds ${name}, which its check let through though there is no such zone`);
  return zone;
}
