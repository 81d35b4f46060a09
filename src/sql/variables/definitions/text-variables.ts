/** Character sets, collations, locales and what changes how a statement's text is read or its answer is written. */
import {
  checkCharacterSet,
  checkCollation,
  checkConnectionCharacterSet,
  checkResultCharacterSet,
} from '../character-set-values.ts';
import { DEFAULT_CHARACTER_SET, DEFAULT_COLLATION } from '../character-sets.ts';
import { checkSqlMode, DEFAULT_SQL_MODE } from '../sql-mode.ts';
import { checkTimeZone } from '../time-zone.ts';
import type { VariableDefinition } from '../variable.ts';
import { boolean, FACT, integer, text } from './define.ts';

export const TEXT_VARIABLES: readonly VariableDefinition[] = [
  text('character_set_client', DEFAULT_CHARACTER_SET, { check: checkConnectionCharacterSet }),
  text('character_set_connection', DEFAULT_CHARACTER_SET, { check: checkConnectionCharacterSet }),
  text('character_set_database', DEFAULT_CHARACTER_SET, { check: checkCharacterSet }),
  text('character_set_filesystem', 'binary', { check: checkCharacterSet, supported: ['binary'] }),
  text('character_set_results', DEFAULT_CHARACTER_SET, { check: checkResultCharacterSet }),
  text('character_set_server', DEFAULT_CHARACTER_SET, { check: checkCharacterSet }),
  text('character_set_system', 'utf8mb3', FACT),
  text('character_sets_dir', '', FACT),
  text('collation_connection', DEFAULT_COLLATION, { check: checkCollation }),
  text('collation_database', DEFAULT_COLLATION, { check: checkCollation }),
  text('collation_server', DEFAULT_COLLATION, { check: checkCollation }),
  text('default_collation_for_utf8mb4', DEFAULT_COLLATION, { check: checkCollation, supported: [DEFAULT_COLLATION] }),
  integer('default_week_format', 0, [0, 7], { supported: [0] }),
  integer('div_precision_increment', 4, [0, 30], { supported: [4] }),
  integer('group_concat_max_len', 1024, [4, Number.MAX_SAFE_INTEGER]),
  text('lc_messages', 'en_US', { supported: ['en_US'] }),
  text('lc_messages_dir', '', FACT),
  text('lc_time_names', 'en_US', { supported: ['en_US'] }),
  boolean('lower_case_file_system', false, FACT),
  integer('lower_case_table_names', 2, [0, 2], FACT),
  boolean('print_identified_with_as_hex', false),
  boolean('show_create_table_verbosity', false),
  boolean('show_gipk_in_create_table_and_information_schema', true, { supported: [1] }),
  boolean('show_create_table_skip_secondary_engine', false),
  text('sql_mode', DEFAULT_SQL_MODE, { check: checkSqlMode }),
  boolean('sql_quote_show_create', true),
  text('system_time_zone', 'UTC', FACT),
  text('time_zone', 'SYSTEM', { check: checkTimeZone }),
  text('date_format', '%Y-%m-%d', FACT),
  text('datetime_format', '%Y-%m-%d %H:%i:%s', FACT),
  text('time_format', '%H:%i:%s', FACT),
];
