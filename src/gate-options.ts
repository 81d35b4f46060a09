/**
 * The gate's settings, each once: variables `sluice_<name>` that `SET GLOBAL` and `PATCH /v1/config` change while the server runs, most of them also options
 * of `serve`. What is not a setting before the embedded store, or in front of a MySQL server, is unknown there. docs/options.md says what each means.
 */
import {
  CLIENT_IDLE_TIMEOUT_S,
  MAX_CONSOLIDATION_WAITERS,
  MAX_RESULT_ROWS_HTTP,
  MAX_RESULT_ROWS_MYSQL,
  PLAN_CACHE_ENTRIES,
  QUERY_TIMEOUT_S,
  RESULT_BYTES,
  SLOW_QUERY_MS,
  TRANSACTION_CAP,
  TRANSACTION_TIMEOUT_MS,
  TRANSACTION_WAIT_MS,
  WRITE_QUEUE,
} from './limits.ts';

export interface SettingRange {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

export interface GateSetting {
  /** The variable is `sluice_` and this, the flag this with dashes. */
  readonly name: string;
  /** 0 or 1, shown as OFF or ON. */
  readonly isSwitch: boolean;
  /** What its values are called, by their numbers; null: they are numbers. */
  readonly words: readonly string[] | null;
  /** A session may set it for itself. */
  readonly ofSession: boolean;
  /** Before the embedded store; null: there is nothing to set. */
  readonly embedded: SettingRange | null;
  /** In front of a MySQL server. */
  readonly inFront: SettingRange | null;
  /** As an option of `serve`; null: it is a variable only. */
  readonly option: { readonly placeholder: string; readonly help: string; readonly needsSource: boolean } | null;
}

const UNSIGNED_32_MAX = 0xffff_ffff;
const SECONDS_MAX = 31_536_000;
const MILLISECONDS_MAX = SECONDS_MAX * 1000;
const ENTRIES_MAX = 1_000_000;
const CONNECTIONS_MAX = 10_000;
const WAIT_MS_MAX = 3_600_000;
const BYTES_MAX = Number.MAX_SAFE_INTEGER;
const MIB = 1024 * 1024;

type Where = 'both' | 'embedded' | 'in front';

interface More {
  readonly isSwitch?: boolean;
  readonly words?: readonly string[];
  readonly ofSession?: boolean;
  /** Where it is otherwise in front of a MySQL server. */
  readonly inFront?: Partial<SettingRange>;
}

/** With its range before the embedded store, if it is a setting there. `option`: what stands for the value in the help, and the help; null: none. */
function setting(
  name: string,
  where: Where,
  value: number,
  [min, max]: readonly [number, number],
  option: readonly [placeholder: string, help: string] | null,
  more: More = {},
): GateSetting {
  const range = { default: value, min, max };
  return {
    name,
    isSwitch: more.isSwitch ?? false,
    words: more.words ?? null,
    ofSession: more.ofSession ?? false,
    embedded: where === 'in front' ? null : range,
    inFront: where === 'embedded' ? null : { ...range, ...more.inFront },
    option: option === null ? null : { placeholder: option[0], help: option[1], needsSource: where === 'in front' },
  };
}

const SWITCH: More = { isSwitch: true };
const OF_SESSION: More = { ofSession: true };
/** Of the limits, 0 is none. */
const ROWS = [0, UNSIGNED_32_MAX] as const;
const SECONDS = [0, SECONDS_MAX] as const;
const MILLISECONDS = [0, MILLISECONDS_MAX] as const;
const CONNECTIONS = [1, CONNECTIONS_MAX] as const;
const ENTRIES = [0, ENTRIES_MAX] as const;
const ON_OFF = [0, 1] as const;

/** What lists of mirrored tables are as new as: the source at the time of the request, or what has come from it. */
export const MIRROR_FRESHNESS = ['source', 'stream'] as const;

/** In the order of their names. */
export const GATE_SETTINGS: readonly GateSetting[] = [
  setting('annotate', 'in front', 1, ON_OFF, ['0 or 1', 'writes say which rows they change'], {
    isSwitch: true,
    ofSession: true,
  }),
  setting('client_idle_timeout', 'both', CLIENT_IDLE_TIMEOUT_S, SECONDS, ['S', 'until a silent client is sent away']),
  setting('consolidation', 'both', 1, ON_OFF, ['0 or 1', 'identical reads at once run once'], SWITCH),
  setting('consolidation_waiters', 'both', MAX_CONSOLIDATION_WAITERS, ENTRIES, ['N', 'reads waiting for another one']),
  setting('hot_row_queue', 'in front', 20, ROWS, ['N', 'writes waiting for one of the same row (0: none waits)']),
  setting('http_max_result_rows', 'both', MAX_RESULT_ROWS_HTTP, ROWS, ['N', 'rows of a result over HTTP']),
  setting('idle_timeout', 'in front', 1_800, SECONDS, ['S', 'until an unused connection to the source is closed']),
  /** Whether JSON clients keep their connection behind an answer. Its option is a flag without a value. */
  setting('json_keep_alive', 'both', 1, ON_OFF, null, SWITCH),
  /** Seconds that a sign of the JSON protocol may be unused. */
  setting('json_sign_timeout', 'both', 3_600, [1, SECONDS_MAX], null),
  setting('max_dml_rows', 'both', 0, ROWS, ['N', 'rows that a statement may change (0: no limit)'], {
    ofSession: true,
    inFront: { default: 500 },
  }),
  setting('max_result_bytes', 'both', RESULT_BYTES, [0, BYTES_MAX], ['BYTES', 'bytes of a result, about'], {
    inFront: { default: 64 * MIB, min: 1 },
  }),
  setting('max_result_rows', 'both', MAX_RESULT_ROWS_MYSQL, ROWS, ['N', "rows of a result over MySQL's protocol"], {
    ofSession: true,
    inFront: { default: 10_000 },
  }),
  setting(
    'mirror_freshness',
    'in front',
    0,
    ON_OFF,
    ['source or stream', 'lists of mirrored tables: as new as the source is, or as what has come of it'],
    { words: MIRROR_FRESHNESS },
  ),
  setting('plan_cache', 'both', PLAN_CACHE_ENTRIES, [1, ENTRIES_MAX], ['N', 'statements whose plans are kept']),
  setting('pool_size', 'in front', 16, CONNECTIONS, ['N', 'connections to the source for reads']),
  setting('pool_wait_ms', 'in front', 10_000, [1, WAIT_MS_MAX], ['MS', 'wait of a statement for one of them']),
  setting(
    'query_timeout',
    'both',
    QUERY_TIMEOUT_S,
    SECONDS,
    ['S', 'until a statement is ended (0: never)'],
    OF_SESSION,
  ),
  setting('reserved_cap', 'in front', 64, CONNECTIONS, ['N', '... for sessions that keep something there']),
  setting('schema_reload', 'in front', 1_800, [1, SECONDS_MAX], ['S', "until the source's schema is read anew"]),
  setting('slow_query_ms', 'both', SLOW_QUERY_MS, MILLISECONDS, [
    'MS',
    'from when on a statement is slow (0: none is)',
  ]),
  setting('source_connections', 'in front', 32, [0, CONNECTIONS_MAX], ['N', '... of all kinds together (0: no limit)']),
  setting('stream_pool_size', 'in front', 64, CONNECTIONS, ['N', '... for results without a limit']),
  setting('table_access_dry_run', 'both', 0, ON_OFF, ['0 or 1', 'table access is told of, not enforced'], SWITCH),
  {
    ...setting('transaction_cap', 'both', TRANSACTION_CAP, ENTRIES, null, {
      inFront: { default: 20, min: 1, max: CONNECTIONS_MAX },
    }),
    option: { placeholder: 'N', help: '... for transactions and writes', needsSource: true },
  },
  setting(
    'transaction_timeout',
    'both',
    TRANSACTION_TIMEOUT_MS / 1000,
    SECONDS,
    ['S', 'until an open transaction is rolled back'],
    OF_SESSION,
  ),
  setting('transaction_wait_ms', 'both', TRANSACTION_WAIT_MS, MILLISECONDS, ['MS', 'wait of one beyond the cap'], {
    inFront: { min: 1, max: WAIT_MS_MAX },
  }),
  setting('write_queue', 'embedded', WRITE_QUEUE, ENTRIES, ['N', 'statements in line for the writer (0: no limit)']),
];

export function variableOf({ name }: Pick<GateSetting, 'name'>): string {
  return `sluice_${name}`;
}

export function flagOf({ name }: Pick<GateSetting, 'name'>): string {
  return name.replaceAll('_', '-');
}
