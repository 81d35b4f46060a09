/** The server's values: SET GLOBAL, and what new sessions begin with. */
import { failure } from '../../errors.ts';
import type { Warning } from '../../stores/statement.ts';
import { checkValue } from './check.ts';
import { keptName, linkedValue } from './links.ts';
import { checkSettable } from './settable.ts';
import { makeSettings, type SessionSettings } from './settings.ts';
import type { GivenValue, PendingValue, VariableDefinition, VariableValue } from './variable.ts';
import { findVariable, VARIABLES } from './variables.ts';

/** All global values at one moment. Never changed: SET GLOBAL makes a new one, so sessions keep the one they began with. */
export interface GlobalSnapshot {
  /** By kept name (links.ts). */
  readonly values: ReadonlyMap<string, VariableValue>;
  readonly settings: SessionSettings;
}

export class VariableStore {
  readonly #defaults: ReadonlyMap<string, VariableValue>;
  #snapshot: GlobalSnapshot;

  /** `initial`: facts about this server and values that its options set; they are also what SET GLOBAL x = DEFAULT goes back to. */
  constructor(initial: Readonly<Record<string, VariableValue>> = {}) {
    const defaults = new Map(VARIABLES.map((definition) => [definition.name, definition.default]));
    for (const [name, value] of Object.entries(initial)) defaults.set(findVariable(name).name, value);
    this.#defaults = defaults;
    this.#snapshot = snapshotOf(defaults);
  }

  get snapshot(): GlobalSnapshot {
    return this.#snapshot;
  }

  /** @@global.name. Throws 1193, and 1238 for a variable of sessions only. */
  get(name: string): VariableValue {
    const definition = findVariable(name);
    if (definition.scope === 'session') throw failure('ER_INCORRECT_GLOBAL_LOCAL_VAR', definition.name, 'SESSION');
    return this.#snapshot.values.get(keptName(definition.name)) ?? null;
  }

  /** SET GLOBAL. Throws 1193, 1228, 1231, 1232, 1235, 1238. `strictAll`: see checkValue. */
  check(name: string, given: GivenValue, strictAll = false): PendingValue {
    const definition = this.#settable(name);
    const { value, warning } = checkValue(definition, given, strictAll);
    return { warnings: warning === undefined ? [] : [warning], set: () => this.#keep(definition.name, value) };
  }

  /** SET GLOBAL name = DEFAULT. Throws 1193, 1228, 1238. */
  checkReset(name: string): PendingValue {
    const definition = this.#settable(name);
    const value = this.#defaults.get(definition.name) ?? null;
    return { warnings: [], set: () => this.#keep(definition.name, value) };
  }

  set(name: string, given: GivenValue, strictAll = false): readonly Warning[] {
    const pending = this.check(name, given, strictAll);
    pending.set();
    return pending.warnings;
  }

  /** Several, all or none of them; null: the default. What a number out of range would be cut to is not what was asked: it is 1231. */
  setAll(values: Iterable<readonly [name: string, value: VariableValue]>): void {
    const before = this.#snapshot;
    try {
      for (const [name, value] of values) {
        if (value === null) this.checkReset(name).set();
        else this.set(name, value, true);
      }
    } catch (error) {
      this.#snapshot = before;
      throw error;
    }
  }

  #settable(name: string): VariableDefinition {
    const definition = findVariable(name);
    checkSettable(definition, 'global');
    return definition;
  }

  #keep(name: string, value: VariableValue): void {
    const values = new Map(this.#snapshot.values).set(keptName(name), value);
    const linked = linkedValue(name, value);
    if (linked !== undefined) values.set(...linked);
    this.#snapshot = snapshotOf(values);
  }
}

function snapshotOf(values: ReadonlyMap<string, VariableValue>): GlobalSnapshot {
  return { values, settings: makeSettings((name) => values.get(name) ?? null) };
}
