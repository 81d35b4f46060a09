/** One session's values: SET, SET NAMES, @@name. */
import { failure } from '../../errors.ts';
import type { Warning } from '../../stores/statement.ts';
import { checkCollation, checkConnectionCharacterSet } from './character-set-values.ts';
import { DEFAULT_CHARACTER_SET, findCharacterSet } from './character-sets.ts';
import { checkValue } from './check.ts';
import { keptName, linkedValue } from './links.ts';
import { checkSettable } from './settable.ts';
import { makeSettings, type SessionSettings } from './settings.ts';
import type { GivenValue, PendingValue, VariableDefinition, VariableScope, VariableValue } from './variable.ts';
import type { GlobalSnapshot, VariableStore } from './variable-store.ts';
import { findVariable } from './variables.ts';

/** What the session itself knows and @@name shows. */
export interface SessionFacts {
  readonly connectionId: number;
  /** SET last_insert_id changes it. */
  lastInsertId: number | bigint;
  /** Of the previous statement. */
  readonly warnings: readonly Warning[];
  /** NOW() of the running statement. */
  readonly nowMicros: number;
}

const MICROS_PER_SECOND = 1_000_000;

const COMPUTED: Readonly<Record<string, (facts: SessionFacts) => VariableValue>> = {
  last_insert_id: (facts) => facts.lastInsertId,
  pseudo_thread_id: (facts) => facts.connectionId,
  warning_count: (facts) => facts.warnings.length,
  error_count: (facts) => facts.warnings.filter((warning) => warning.level === 'Error').length,
  timestamp: (facts) => facts.nowMicros / MICROS_PER_SECOND,
};

export class SessionVariables {
  readonly #store: VariableStore;
  readonly #facts: SessionFacts;
  readonly #initial: ReadonlyMap<string, VariableValue>;
  /** The global values when this session began: later SET GLOBAL does not reach it. */
  readonly #began: GlobalSnapshot;
  /** By kept name; only what this session set. */
  readonly #own: Map<string, VariableValue>;
  #settings: SessionSettings;

  /** `initial`: values that this session begins with instead of the global ones; already checked. */
  constructor(store: VariableStore, facts: SessionFacts, initial: ReadonlyMap<string, VariableValue> = new Map()) {
    this.#store = store;
    this.#facts = facts;
    this.#initial = initial;
    this.#began = store.snapshot;
    this.#own = new Map(initial);
    // Most sessions set nothing before their first statement: they share the settings of all new sessions.
    this.#settings = initial.size === 0 ? this.#began.settings : this.#makeSettings();
  }

  get settings(): SessionSettings {
    return this.#settings;
  }

  /** @@name, @@session.name, @@global.name. Throws 1193 and 1238. */
  get(name: string, scope?: VariableScope): VariableValue {
    const definition = findVariable(name);
    if (scope === 'global') return this.#store.get(name);
    if (definition.scope === 'global') {
      if (scope === 'session') throw failure('ER_INCORRECT_GLOBAL_LOCAL_VAR', definition.name, 'GLOBAL');
      return this.#store.get(name);
    }
    const kept = keptName(definition.name);
    const computed = COMPUTED[kept];
    return computed === undefined ? this.#value(kept) : computed(this.#facts);
  }

  /** SET [SESSION|GLOBAL]. Throws 1193, 1228, 1229, 1231, 1232, 1235, 1238. */
  check(name: string, given: GivenValue, scope: VariableScope = 'session'): PendingValue {
    const strictAll = this.#settings.sqlMode.strictAll;
    if (scope === 'global') return this.#store.check(name, given, strictAll);
    const definition = settable(name);
    const { value, warning } = checkValue(definition, given, strictAll);
    return { warnings: warning === undefined ? [] : [warning], set: () => this.#keep(definition.name, value) };
  }

  /** SET name = DEFAULT: a session's default is the global value. Throws 1193, 1228, 1229, 1238. */
  checkReset(name: string, scope: VariableScope = 'session'): PendingValue {
    if (scope === 'global') return this.#store.checkReset(name);
    const definition = settable(name);
    const value = this.#store.snapshot.values.get(keptName(definition.name)) ?? null;
    return { warnings: [], set: () => this.#keep(definition.name, value) };
  }

  /** Checked and set. */
  set(name: string, given: GivenValue, scope: VariableScope = 'session'): readonly Warning[] {
    const pending = this.check(name, given, scope);
    pending.set();
    return pending.warnings;
  }

  /** SET NAMES charset [COLLATE collation]; `default` is DEFAULT. Throws 1115, 1235, 1253, 1273. */
  setNames(charset: string, collation?: string): void {
    const wanted = charset.toLowerCase() === 'default' ? DEFAULT_CHARACTER_SET : charset;
    const name = checkConnectionCharacterSet(wanted, 'character_set_client');
    const set = findCharacterSet(name);
    const chosen = collation === undefined ? set?.defaultCollation : checkCollation(collation, 'collation_connection');
    if (chosen === undefined || (chosen !== name && !chosen.startsWith(`${name}_`))) {
      throw failure('ER_NOT_SUPPORTED_YET', `COLLATION '${chosen}' for CHARACTER SET '${name}'`);
    }
    this.#own
      .set('character_set_client', name)
      .set('character_set_results', name)
      .set('character_set_connection', name);
    this.#own.set('collation_connection', chosen);
    this.#settings = this.#makeSettings();
  }

  /** COM_RESET_CONNECTION: as a new session would begin now. */
  forkForReset(): SessionVariables {
    return new SessionVariables(this.#store, this.#facts, this.#initial);
  }

  #value(kept: string): VariableValue {
    const own = this.#own.get(kept);
    return own !== undefined ? own : (this.#began.values.get(kept) ?? null);
  }

  #keep(name: string, value: VariableValue): void {
    const kept = keptName(name);
    if (kept === 'last_insert_id') {
      this.#facts.lastInsertId = (value ?? 0) as number | bigint;
      return;
    }
    this.#own.set(kept, value);
    const linked = linkedValue(name, value);
    if (linked !== undefined) this.#own.set(...linked);
    this.#settings = this.#makeSettings();
  }

  #makeSettings(): SessionSettings {
    return makeSettings((name) => this.#value(name));
  }
}

function settable(name: string): VariableDefinition {
  const definition = findVariable(name);
  checkSettable(definition, 'session');
  return definition;
}
