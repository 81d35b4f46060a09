import { describe, expect, it } from 'vitest';
import { checkValue } from './check.ts';
import { variableText } from './variable-text.ts';
import { findVariable, VARIABLES, variableType } from './variables.ts';

describe('the list of variables', () => {
  it('names each once, in lower case', () => {
    const names = VARIABLES.map((definition) => definition.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name))).toEqual([]);
  });

  it('has defaults that their own checks take', () => {
    const wrong = VARIABLES.filter((definition) => definition.default !== null).filter((definition) => {
      const given = definition.kind === 'double' ? { fraction: String(definition.default) } : definition.default;
      return checkValue(definition, given, true).value !== definition.default;
    });
    expect(wrong).toEqual([]);
  });

  it('has everything that Connector/J asks for when it connects', () => {
    const asked =
      'auto_increment_increment character_set_client character_set_connection character_set_results character_set_server ' +
      'collation_server collation_connection init_connect interactive_timeout license lower_case_table_names ' +
      'max_allowed_packet net_write_timeout performance_schema query_cache_size query_cache_type sql_mode system_time_zone ' +
      'time_zone transaction_isolation wait_timeout';
    expect(asked.split(' ').map((name) => findVariable(name).name)).toEqual(asked.split(' '));
  });

  it.each([
    ['autocommit', 1, 'ON', 'bigint'],
    ['log_bin', 0, 'OFF', 'bigint'],
    ['port', 3307, '3307', 'bigint'],
    ['sql_mode', '', '', 'varchar'],
    ['secure_file_priv', null, '', 'varchar'],
    ['timestamp', 1.5, '1.500000', 'double'],
  ])('%s holding %s is shown as %j and typed %s', (name, value, text, type) => {
    expect(variableText(findVariable(name), value)).toBe(text);
    expect(variableType(name).name).toBe(type);
  });
});
