import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../errors.ts';
import { SessionVariables } from './session-variables.ts';
import { DEFAULT_SQL_MODE } from './sql-mode.ts';
import type { GivenValue, VariableScope, VariableValue } from './variable.ts';
import { VariableStore } from './variable-store.ts';

function session(store = new VariableStore({ port: 3307, version: '8.0.42-Sluice-0.1.0' })) {
  const facts = { connectionId: 7, lastInsertId: 0, warnings: [], nowMicros: 1_700_000_000_250_000 };
  return { store, facts, variables: new SessionVariables(store, facts) };
}

/** What a failure says, or what came of the call. */
function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    if (error instanceof SluiceError) return `${error.errno} ${error.message}`;
    throw error;
  }
}

describe('@@name', () => {
  const cases: readonly [name: string, scope: VariableScope | undefined, expected: unknown][] = [
    ['autocommit', undefined, 1],
    ['AutoCommit', 'session', 1],
    ['sql_mode', 'global', DEFAULT_SQL_MODE],
    ['port', undefined, 3307],
    ['version', 'global', '8.0.42-Sluice-0.1.0'],
    ['transaction_isolation', undefined, 'SERIALIZABLE'],
    ['tx_isolation', undefined, 'SERIALIZABLE'],
    ['lower_case_table_names', undefined, 2],
    ['sql_select_limit', undefined, 18_446_744_073_709_551_615n],
    ['secure_file_priv', undefined, null],
    ['pseudo_thread_id', undefined, 7],
    ['timestamp', undefined, 1_700_000_000.25],
    ['foo', undefined, "1193 Unknown system variable 'foo'"],
    ['port', 'session', "1238 Variable 'port' is a GLOBAL variable"],
    ['timestamp', 'global', "1238 Variable 'timestamp' is a SESSION variable"],
  ];
  it.each(cases)('%s (%s) is %s', (name, scope, expected) => {
    expect(outcome(() => session().variables.get(name, scope))).toEqual(expected);
  });
});

describe('SET name = value', () => {
  const kept: readonly [name: string, given: GivenValue, value: VariableValue][] = [
    ['autocommit', 'OFF', 0],
    ['autocommit', 'on', 1],
    ['autocommit', 0, 0],
    ['sql_mode', '', ''],
    ['sql_mode', 'ansi_quotes, strict_trans_tables'.replace(' ', ''), 'ANSI_QUOTES,STRICT_TRANS_TABLES'],
    ['sql_mode', 'ANSI,,', 'REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ONLY_FULL_GROUP_BY,ANSI'],
    ['sql_mode', 5, 'REAL_AS_FLOAT,ANSI_QUOTES'],
    [
      'sql_mode',
      'TRADITIONAL',
      'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,TRADITIONAL,NO_ENGINE_SUBSTITUTION',
    ],
    ['time_zone', '+1:00', '+01:00'],
    ['time_zone', '-00:00', '+00:00'],
    ['time_zone', 'Europe/Berlin', 'Europe/Berlin'],
    ['time_zone', 'system', 'SYSTEM'],
    ['wait_timeout', 100, 100],
    ['transaction_isolation', 'read-committed', 'READ-COMMITTED'],
    ['transaction_isolation', 2, 'REPEATABLE-READ'],
    ['tx_isolation', 'SERIALIZABLE', 'SERIALIZABLE'],
    ['character_set_results', null, null],
    ['character_set_client', 'utf8', 'utf8mb3'],
    ['sql_auto_is_null', 0, 0],
    ['default_storage_engine', 'innodb', 'InnoDB'],
    ['timestamp', { fraction: '1.5' }, 1_700_000_000.25],
    ['last_insert_id', 12, 12],
    ['identity', 12n, 12],
  ];
  it.each(kept)('%s = %s keeps %s', (name, given, value) => {
    const { variables } = session();
    expect(variables.set(name, given)).toEqual([]);
    expect(variables.get(name)).toEqual(value);
  });

  // Compared with MariaDB 10.11's answers; 1298 and 1228, 1229, 1621 have no codes of their own here.
  const refused: readonly [name: string, given: GivenValue, scope: VariableScope, failure: string][] = [
    ['autocommit', '1', 'session', "1231 Variable 'autocommit' can't be set to the value of '1'"],
    ['autocommit', 2, 'session', "1231 Variable 'autocommit' can't be set to the value of '2'"],
    ['autocommit', null, 'session', "1231 Variable 'autocommit' can't be set to the value of 'NULL'"],
    ['autocommit', { fraction: '1.0' }, 'session', "1232 Incorrect argument type to variable 'autocommit'"],
    ['wait_timeout', '5', 'session', "1232 Incorrect argument type to variable 'wait_timeout'"],
    ['wait_timeout', null, 'session', "1232 Incorrect argument type to variable 'wait_timeout'"],
    ['wait_timeout', { fraction: '1.5' }, 'session', "1232 Incorrect argument type to variable 'wait_timeout'"],
    ['sql_mode', 'x,y', 'session', "1231 Variable 'sql_mode' can't be set to the value of 'x'"],
    ['sql_mode', null, 'session', "1231 Variable 'sql_mode' can't be set to the value of 'NULL'"],
    ['sql_mode', 2n ** 40n, 'session', "1231 Variable 'sql_mode' can't be set to the value of '1099511627776'"],
    ['sql_mode', { fraction: '1.5' }, 'session', "1232 Incorrect argument type to variable 'sql_mode'"],
    ['time_zone', 5, 'session', "1232 Incorrect argument type to variable 'time_zone'"],
    ['time_zone', null, 'session', "1231 Variable 'time_zone' can't be set to the value of 'NULL'"],
    [
      'character_set_client',
      null,
      'session',
      "1231 Variable 'character_set_client' can't be set to the value of 'NULL'",
    ],
    ['character_set_client', 'latin9', 'global', "1115 Unknown character set: 'latin9'"],
    ['collation_connection', 'klingon_ci', 'session', "1273 Unknown collation: 'klingon_ci'"],
    ['tx_isolation', 'foo', 'session', "1231 Variable 'tx_isolation' can't be set to the value of 'foo'"],
    ['tx_isolation', 9, 'session', "1231 Variable 'tx_isolation' can't be set to the value of '9'"],
    ['timestamp', 'x', 'session', "1232 Incorrect argument type to variable 'timestamp'"],
    ['port', 5, 'session', "1238 Variable 'port' is a read only variable"],
    ['version', 'x', 'global', "1238 Variable 'version' is a read only variable"],
    ['foo', 1, 'session', "1193 Unknown system variable 'foo'"],
  ];
  it.each(refused)('%s = %s (%s): %s', (name, given, scope, failure) => {
    expect(outcome(() => session().variables.set(name, given, scope))).toBe(failure);
  });

  it.each<[string, GivenValue]>([
    ['sql_auto_is_null', 1],
    ['sql_safe_updates', 1],
    ['sql_select_limit', 10],
    ['auto_increment_increment', 2],
    ['insert_id', 5],
    ['character_set_client', 'latin1'],
    ['sql_mode', 'PAD_CHAR_TO_FULL_LENGTH'],
    ['lc_time_names', 'de_DE'],
  ])('%s = %s is refused by name, because ignoring it could change a result', (name, given) => {
    expect(outcome(() => session().variables.set(name, given))).toMatch(/^1235 .*support/);
  });

  it('cuts a number to its range with a warning, and refuses it under STRICT_ALL_TABLES', () => {
    const { variables } = session();
    expect(variables.set('wait_timeout', 0)).toEqual([
      { level: 'Warning', errno: 1292, message: "Truncated incorrect wait_timeout value: '0'" },
    ]);
    expect(variables.get('wait_timeout')).toBe(1);
    variables.set('sql_mode', 'STRICT_ALL_TABLES');
    expect(outcome(() => variables.set('wait_timeout', 0))).toBe(
      "1231 Variable 'wait_timeout' can't be set to the value of '0'",
    );
  });

  it('sets a character set together with its collation', () => {
    const { variables } = session();
    variables.set('collation_connection', 'utf8mb3_bin');
    expect(variables.get('character_set_connection')).toBe('utf8mb3');
    variables.set('character_set_connection', 'utf8mb4');
    expect(variables.get('collation_connection')).toBe('utf8mb4_0900_ai_ci');
  });
});

describe('global and session values', () => {
  it('a session keeps the values that it began with', () => {
    const { store, variables } = session();
    variables.set('wait_timeout', 100, 'global');
    expect(variables.get('wait_timeout')).toBe(28_800);
    expect(variables.get('wait_timeout', 'global')).toBe(100);
    expect(session(store).variables.get('wait_timeout')).toBe(100);
  });

  it('DEFAULT is the global value for a session and the built-in one for the server', () => {
    const { variables } = session(new VariableStore({ wait_timeout: 600 }));
    variables.set('wait_timeout', 100, 'global');
    variables.checkReset('wait_timeout').set();
    expect(variables.get('wait_timeout')).toBe(100);
    variables.checkReset('wait_timeout', 'global').set();
    expect(variables.get('wait_timeout', 'global')).toBe(600);
    expect(outcome(() => variables.checkReset('port'))).toBe("1238 Variable 'port' is a read only variable");
  });

  it('a reset session begins again, as a new one would now', () => {
    const { variables } = session();
    variables.set('autocommit', 0);
    variables.set('wait_timeout', 100, 'global');
    const again = variables.forkForReset();
    expect([again.get('autocommit'), again.get('wait_timeout')]).toEqual([1, 100]);
  });
});

describe('settings', () => {
  it('are shared by sessions that set nothing', () => {
    const { store, variables } = session();
    expect(session(store).variables.settings).toBe(variables.settings);
  });

  it('follow what is set', () => {
    const { variables } = session();
    expect(variables.settings).toMatchObject({
      autocommit: true,
      foreignKeyChecks: true,
      isolation: 'SERIALIZABLE',
      lockWaitTimeoutMs: 50_000,
      maxExecutionTimeMs: 0,
      fixedNowMicros: null,
      sqlMode: { strict: true, onlyFullGroupBy: true, ansiQuotes: false, noBackslashEscapes: false },
    });
    variables.set('autocommit', 'OFF');
    variables.set('foreign_key_checks', 0);
    variables.set('sql_mode', 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,NO_AUTO_VALUE_ON_ZERO');
    variables.set('time_zone', '-03:30');
    variables.set('lock_wait_timeout', 2);
    variables.set('tx_isolation', 'READ-COMMITTED');
    variables.set('timestamp', { fraction: '1.5' });
    expect(variables.settings).toMatchObject({
      autocommit: false,
      foreignKeyChecks: false,
      isolation: 'READ-COMMITTED',
      lockWaitTimeoutMs: 2000,
      fixedNowMicros: 1_500_000,
      sqlMode: { strict: false, ansiQuotes: true, noBackslashEscapes: true, noAutoValueOnZero: true },
    });
    expect(variables.settings.timeZone.offsetMinutes).toBe(-210);
  });
});

describe('SET NAMES', () => {
  it.each<[string, string | undefined, readonly unknown[]]>([
    ['utf8mb4', undefined, ['utf8mb4', 'utf8mb4', 'utf8mb4', 'utf8mb4_0900_ai_ci']],
    ['UTF8', undefined, ['utf8mb3', 'utf8mb3', 'utf8mb3', 'utf8mb3_general_ci']],
    ['utf8mb4', 'utf8mb4_bin', ['utf8mb4', 'utf8mb4', 'utf8mb4', 'utf8mb4_bin']],
    ['binary', undefined, ['binary', 'binary', 'binary', 'binary']],
    ['default', undefined, ['utf8mb4', 'utf8mb4', 'utf8mb4', 'utf8mb4_0900_ai_ci']],
  ])('%s COLLATE %s', (charset, collation, expected) => {
    const { variables } = session();
    variables.setNames(charset, collation);
    const names = ['character_set_client', 'character_set_results', 'character_set_connection', 'collation_connection'];
    expect(names.map((name) => variables.get(name))).toEqual(expected);
  });

  it.each<[string, string | undefined, RegExp]>([
    ['latin9', undefined, /^1115 /],
    ['latin1', undefined, /^1235 /],
    ['utf8mb4', 'klingon_ci', /^1273 /],
    ['utf8mb4', 'latin1_bin', /COLLATION 'latin1_bin' is not valid for CHARACTER SET 'utf8mb4'|'latin1_bin'/],
  ])('%s COLLATE %s is refused', (charset, collation, expected) => {
    expect(outcome(() => session().variables.setNames(charset, collation))).toMatch(expected);
  });
});
