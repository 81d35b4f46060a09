/**
 * What can be set of the gate before a MySQL server: variables `sluice_<name>`, by SET GLOBAL while it runs; some also by a session for itself. The
 * limits are read for each request.
 */
import { failure } from '../../errors.ts';
import type { SourceLimits } from '../../stores/mysql/source.ts';

export interface SourceGateLimits extends SourceLimits {
  /** A result of more rows fails; 0: any number. */
  readonly maxResultRows: number;
  /** The same over HTTP. */
  readonly httpMaxResultRows: number;
  readonly maxResultBytes: number;
  /** A statement that would change more rows fails and changes nothing; 0: any number. */
  readonly maxDmlRows: number;
  /** 0: for as long as it takes, as for the next. */
  readonly queryTimeoutMs: number;
  readonly transactionTimeoutMs: number;
  /** 1: statements that write say which rows. */
  readonly annotate: number;
  /** 1: a read that runs already answers those who ask the same. */
  readonly consolidation: number;
  /** Statements that may wait for the same row; 0: any number goes to the source. */
  readonly hotRowQueue: number;
  /** 1: the JSON port keeps a connection behind an answer. */
  readonly jsonKeepAlive: number;
  /** How long a sign of the JSON port may be unused. */
  readonly jsonSignTimeoutMs: number;
}

interface SourceVariable {
  readonly limit: keyof SourceGateLimits;
  readonly default: number;
  readonly range: readonly [least: number, most: number];
  /** What one unit of the variable is in the limit's. */
  readonly unit: number;
  /** A session may set it for itself. */
  readonly ofSession?: boolean;
  /** Shown as ON and OFF. */
  readonly isBoolean?: boolean;
}

const SECOND = 1_000;
const COUNT: readonly [number, number] = [0, 4_294_967_295];
const CONNECTIONS: readonly [number, number] = [1, 10_000];
const SECONDS: readonly [number, number] = [0, 31_536_000];
const SWITCH: readonly [number, number] = [0, 1];

const VARIABLES: Readonly<Record<string, SourceVariable>> = {
  annotate: { limit: 'annotate', default: 1, range: SWITCH, unit: 1, ofSession: true },
  consolidation: { limit: 'consolidation', default: 1, range: SWITCH, unit: 1 },
  hot_row_queue: { limit: 'hotRowQueue', default: 20, range: COUNT, unit: 1 },
  http_max_result_rows: { limit: 'httpMaxResultRows', default: 10_000, range: COUNT, unit: 1 },
  idle_timeout: { limit: 'idleTimeoutMs', default: 1_800, range: SECONDS, unit: SECOND },
  json_keep_alive: { limit: 'jsonKeepAlive', default: 1, range: SWITCH, unit: 1, isBoolean: true },
  json_sign_timeout: { limit: 'jsonSignTimeoutMs', default: 3_600, range: [1, 31_536_000], unit: SECOND },
  max_dml_rows: { limit: 'maxDmlRows', default: 500, range: COUNT, unit: 1, ofSession: true },
  max_result_bytes: {
    limit: 'maxResultBytes',
    default: 64 * 1024 * 1024,
    range: [1, Number.MAX_SAFE_INTEGER],
    unit: 1,
  },
  max_result_rows: { limit: 'maxResultRows', default: 10_000, range: COUNT, unit: 1, ofSession: true },
  pool_size: { limit: 'poolSize', default: 16, range: CONNECTIONS, unit: 1 },
  pool_wait_ms: { limit: 'poolWaitMs', default: 10_000, range: [1, 3_600_000], unit: 1 },
  query_timeout: { limit: 'queryTimeoutMs', default: 30, range: SECONDS, unit: SECOND, ofSession: true },
  reserved_cap: { limit: 'reservedCap', default: 64, range: CONNECTIONS, unit: 1 },
  schema_reload: { limit: 'schemaReloadMs', default: 1_800, range: [1, 31_536_000], unit: SECOND },
  stream_pool_size: { limit: 'streamPoolSize', default: 64, range: CONNECTIONS, unit: 1 },
  transaction_cap: { limit: 'transactionCap', default: 20, range: CONNECTIONS, unit: 1 },
  transaction_timeout: { limit: 'transactionTimeoutMs', default: 30, range: SECONDS, unit: SECOND },
  transaction_wait_ms: { limit: 'transactionWaitMs', default: 1_000, range: [1, 3_600_000], unit: 1 },
};

const PREFIX = 'sluice_';

export class SourceVariables {
  readonly #values: Record<keyof SourceGateLimits, number>;

  constructor(given: Partial<SourceGateLimits> = {}) {
    const defaults = Object.values(VARIABLES).map(({ limit, default: value, unit }) => [limit, value * unit] as const);
    this.#values = { ...Object.fromEntries(defaults), ...given } as Record<keyof SourceGateLimits, number>;
  }

  /** Always the current ones. */
  get limits(): SourceGateLimits {
    return this.#values;
  }

  /** `name` with its prefix, `text` as written. Throws 1193, 1231, 1229 (not of a session). */
  set(
    name: string,
    text: string,
    scope: 'global' | 'session',
    session: Partial<Record<keyof SourceGateLimits, number>>,
  ): void {
    const variable = Object.hasOwn(VARIABLES, name.slice(PREFIX.length))
      ? VARIABLES[name.slice(PREFIX.length)]
      : undefined;
    if (variable === undefined) throw failure('ER_UNKNOWN_SYSTEM_VARIABLE', name);
    if (scope === 'session' && variable.ofSession !== true)
      throw failure('ER_INCORRECT_GLOBAL_LOCAL_VAR', name, 'GLOBAL');
    const { limit, unit } = variable;
    if (/^default$/i.test(text)) {
      if (scope === 'session') delete session[limit];
      else this.#values[limit] = variable.default * unit;
      return;
    }
    const value = numberOf(text);
    const [least, most] = variable.range;
    if (!(value >= least && value <= most)) throw failure('ER_WRONG_VALUE_FOR_VAR', name, text);
    if (scope === 'session') session[limit] = value * unit;
    else this.#values[limit] = value * unit;
  }

  /** Names and values, for SHOW VARIABLES. */
  list(limits: SourceGateLimits): [string, string][] {
    return Object.entries(VARIABLES).map(([name, { limit, unit, isBoolean }]) => {
      const value = limits[limit] / unit;
      return [`${PREFIX}${name}`, isBoolean === true ? (value === 1 ? 'ON' : 'OFF') : String(value)];
    });
  }
}

function numberOf(text: string): number {
  const plain = text.replaceAll(/^['"]|['"]$/g, '');
  if (/^(?:on|true)$/i.test(plain)) return 1;
  if (/^(?:off|false)$/i.test(plain)) return 0;
  return /^\d{1,15}$/.test(plain) ? Number(plain) : Number.NaN;
}
