/**
 * Sluice's own: `SHOW VARIABLES LIKE 'sluice_%'`. What can be set is declared in gate-options.ts. What else an option sets when the server starts cannot be
 * changed while it runs.
 */
import { GATE_SETTINGS, type GateSetting, type SettingRange, variableOf } from '../../../gate-options.ts';
import type { VariableDefinition } from '../variable.ts';
import { boolean, choice, count, FACT, integer, text } from './define.ts';

const FACTS: readonly VariableDefinition[] = [
  text('sluice_data', '', FACT),
  count('sluice_http_port', 0),
  count('sluice_json_port', 0),
  count('sluice_readers', 0),
  choice('sluice_synchronous', 'FULL', ['FULL', 'NORMAL'], FACT),
  text('sluice_tcsql_table', '', FACT),
  text('sluice_version', '', FACT),
];
/** Those of them that are none in front of a MySQL server. */
const OF_THE_STORE = new Set(['sluice_data', 'sluice_readers', 'sluice_synchronous']);

/** In the order of their names. */
export const SLUICE_VARIABLES: readonly VariableDefinition[] = variables(FACTS, ({ embedded }) => embedded);
export const SLUICE_VARIABLES_IN_FRONT: readonly VariableDefinition[] = variables(
  FACTS.filter(({ name }) => !OF_THE_STORE.has(name)),
  ({ inFront }) => inFront,
);

function variables(
  facts: readonly VariableDefinition[],
  rangeOf: (setting: GateSetting) => SettingRange | null,
): VariableDefinition[] {
  const settings = GATE_SETTINGS.flatMap((setting) => {
    const range = rangeOf(setting);
    return range === null ? [] : [definition(setting, range)];
  });
  return [...facts, ...settings].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function definition(setting: GateSetting, range: SettingRange): VariableDefinition {
  const name = variableOf(setting);
  const scope = { scope: setting.ofSession ? 'both' : 'global' } as const;
  if (setting.isSwitch) return boolean(name, range.default === 1, scope);
  if (setting.words !== null) return choice(name, setting.words[range.default] ?? '', setting.words, scope);
  return integer(name, range.default, [range.min, range.max], scope);
}
