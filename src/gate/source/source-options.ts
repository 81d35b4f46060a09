/**
 * What can be set of the gate before a MySQL server: variables `sluice_<name>` (gate-options.ts declares them), by SET GLOBAL and PATCH /v1/config while it
 * runs; some also by a session for itself. The limits are read for each request.
 */

import { checkValue } from '../../sql/variables/check.ts';
import { SLUICE_VARIABLES_IN_FRONT } from '../../sql/variables/definitions/sluice-variables.ts';
import { checkSettable } from '../../sql/variables/settable.ts';
import type { GivenValue, VariableDefinition, VariableScope, VariableValue } from '../../sql/variables/variable.ts';
import { unknownVariable } from '../../sql/variables/variable-failures.ts';
import { variableText } from '../../sql/variables/variable-text.ts';
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
  readonly consolidationWaiters: number;
  readonly planCacheEntries: number;
  /** From when on a statement is shown as slow; 0: none. */
  readonly slowQueryMs: number;
  /** After which a client that says nothing is sent away; 0: never. */
  readonly clientIdleTimeoutMs: number;
  /** Statements that may wait for the same row; 0: any number goes to the source. */
  readonly hotRowQueue: number;
  /** 1: what table access would refuse is told, and runs. */
  readonly tableAccessDryRun: number;
  /** 1: the JSON port keeps a connection behind an answer. */
  readonly jsonKeepAlive: number;
  /** How long a sign of the JSON port may be unused. */
  readonly jsonSignTimeoutMs: number;
  /** Of lists of mirrored tables: which of MIRROR_FRESHNESS. */
  readonly mirrorFreshness: number;
}

/** What is to be set. A session's default is the server's value. */
export interface SourceSetting {
  readonly name: string;
  readonly scope: VariableScope;
  readonly given: 'default' | { readonly value: GivenValue };
}

/** What a session has set for itself. */
export type SessionLimits = Partial<Record<keyof SourceGateLimits, number>>;

const SECOND = 1_000;
const PREFIX = 'sluice_';

/** By the variable's name without its prefix: the limit, and what one unit of the variable is in the limit's. */
const LIMITS: Readonly<Record<string, readonly [limit: keyof SourceGateLimits, unit: number]>> = {
  annotate: ['annotate', 1],
  client_idle_timeout: ['clientIdleTimeoutMs', SECOND],
  consolidation: ['consolidation', 1],
  consolidation_waiters: ['consolidationWaiters', 1],
  hot_row_queue: ['hotRowQueue', 1],
  http_max_result_rows: ['httpMaxResultRows', 1],
  idle_timeout: ['idleTimeoutMs', SECOND],
  json_keep_alive: ['jsonKeepAlive', 1],
  json_sign_timeout: ['jsonSignTimeoutMs', SECOND],
  max_dml_rows: ['maxDmlRows', 1],
  max_result_bytes: ['maxResultBytes', 1],
  max_result_rows: ['maxResultRows', 1],
  mirror_freshness: ['mirrorFreshness', 1],
  plan_cache: ['planCacheEntries', 1],
  pool_size: ['poolSize', 1],
  pool_wait_ms: ['poolWaitMs', 1],
  query_timeout: ['queryTimeoutMs', SECOND],
  reserved_cap: ['reservedCap', 1],
  schema_reload: ['schemaReloadMs', SECOND],
  slow_query_ms: ['slowQueryMs', 1],
  source_connections: ['sourceConnections', 1],
  stream_pool_size: ['streamPoolSize', 1],
  table_access_dry_run: ['tableAccessDryRun', 1],
  transaction_cap: ['transactionCap', 1],
  transaction_timeout: ['transactionTimeoutMs', SECOND],
  transaction_wait_ms: ['transactionWaitMs', 1],
};

const DEFINITIONS = new Map(SLUICE_VARIABLES_IN_FRONT.map((definition) => [definition.name, definition]));

export class SourceVariables {
  /** The server's values have changed. */
  onChange: (() => void) | null = null;
  readonly #defaults: ReadonlyMap<string, VariableValue>;
  readonly #values: Map<string, VariableValue>;
  readonly #limits: Record<keyof SourceGateLimits, number>;

  /** `initial`: by full names; they are also what SET GLOBAL x = DEFAULT goes back to. Throws 1193, 1231. */
  constructor(initial: Readonly<Record<string, VariableValue>> = {}) {
    const defaults = new Map(SLUICE_VARIABLES_IN_FRONT.map(({ name, default: value }) => [name, value]));
    for (const [name, value] of Object.entries(initial))
      defaults.set(name, checkValue(definitionOf(name), value, true).value);
    this.#defaults = defaults;
    this.#values = new Map(defaults);
    const limits = Object.entries(LIMITS).map(([name, [limit, unit]]) => {
      return [limit, numberOf(definitionOf(PREFIX + name), defaults.get(PREFIX + name) ?? null) * unit] as const;
    });
    this.#limits = Object.fromEntries(limits) as Record<keyof SourceGateLimits, number>;
  }

  /** Always the current ones: the same object, whatever is set. */
  get limits(): SourceGateLimits {
    return this.#limits;
  }

  /**
   * SET [GLOBAL], several at once: all or none of them. A number out of range is an error here. `own`: where a session's are kept. Throws 1193, 1231, 1232,
   * 1238.
   */
  set(settings: readonly SourceSetting[], own: SessionLimits): void {
    const checked = settings.map(({ name, scope, given }) => {
      const definition = definitionOf(name);
      checkSettable(definition, scope);
      return {
        definition,
        scope,
        value: given === 'default' ? 'default' : checkValue(definition, given.value, true).value,
      } as const;
    });
    for (const { definition, scope, value } of checked) {
      const { name } = definition;
      if (scope === 'global') this.#keep(definition, value === 'default' ? (this.#defaults.get(name) ?? null) : value);
      else if (value === 'default') delete own[limitOf(definition)[0]];
      else keepIn(own, definition, value);
    }
    this.onChange?.();
  }

  /** The same of the server's; null: the default. */
  setAll(values: Iterable<readonly [name: string, value: VariableValue]>): void {
    const settings = Array.from(values, ([name, value]) => {
      return { name, scope: 'global', given: value === null ? 'default' : { value } } as const;
    });
    this.set(settings, {});
  }

  /** All of them by name. */
  config(): Record<string, string | number | null> {
    return Object.fromEntries(
      Array.from(this.#values, ([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
    );
  }

  /** Throws 1193. `limits`: those of the session that asks, or the server's. */
  value(name: string, limits: SourceGateLimits): VariableValue {
    const definition = definitionOf(name);
    const limit = LIMITS[definition.name.slice(PREFIX.length)];
    if (limit === undefined) return this.#values.get(definition.name) ?? null;
    const number = limits[limit[0]] / limit[1];
    return definition.kind === 'enum' ? (definition.values[number] ?? null) : number;
  }

  /** Names and values, for SHOW VARIABLES. */
  list(limits: SourceGateLimits): [name: string, value: string][] {
    return SLUICE_VARIABLES_IN_FRONT.map((definition) => {
      return [definition.name, variableText(definition, this.value(definition.name, limits))];
    });
  }

  #keep(definition: VariableDefinition, value: VariableValue): void {
    this.#values.set(definition.name, value);
    keepIn(this.#limits, definition, value);
  }
}

function definitionOf(name: string): VariableDefinition {
  const definition = DEFINITIONS.get(name) ?? DEFINITIONS.get(name.toLowerCase());
  if (definition === undefined) throw unknownVariable(name);
  return definition;
}

/** Of a variable that can be set. */
function limitOf({ name }: VariableDefinition): readonly [limit: keyof SourceGateLimits, unit: number] {
  const limit = LIMITS[name.slice(PREFIX.length)];
  if (limit === undefined) throw new TypeError(`${name} is no limit`);
  return limit;
}

function keepIn(limits: SessionLimits, definition: VariableDefinition, value: VariableValue): void {
  const [limit, unit] = limitOf(definition);
  limits[limit] = numberOf(definition, value) * unit;
}

/** Of a word, its place among those that there are. */
function numberOf(definition: VariableDefinition, value: VariableValue): number {
  return definition.kind === 'enum' ? definition.values.indexOf(String(value)) : Number(value);
}
