/** Tables about things that Sluice does not have: tools ask for them, and the true answer is that there are none. */
import type { VirtualTable } from '../virtual-table.ts';
import {
  bigint,
  bigintUnsigned,
  datetime,
  emptyTable,
  intUnsigned,
  longText,
  nullable,
  text,
  timestamp,
} from './define.ts';

const CHARACTER_SETS_OF_CREATION = [
  text('CHARACTER_SET_CLIENT'),
  text('COLLATION_CONNECTION'),
  text('DATABASE_COLLATION'),
];

const DATA_TYPE = [
  nullable(bigint('CHARACTER_MAXIMUM_LENGTH')),
  nullable(bigint('CHARACTER_OCTET_LENGTH')),
  nullable(intUnsigned('NUMERIC_PRECISION')),
  nullable(bigint('NUMERIC_SCALE')),
  nullable(intUnsigned('DATETIME_PRECISION')),
  nullable(text('CHARACTER_SET_NAME')),
  nullable(text('COLLATION_NAME')),
];

export function viewsTable(): VirtualTable {
  return emptyTable('VIEWS', [
    text('TABLE_CATALOG'),
    text('TABLE_SCHEMA'),
    text('TABLE_NAME'),
    nullable(longText('VIEW_DEFINITION')),
    nullable(text('CHECK_OPTION', 8)),
    nullable(text('IS_UPDATABLE', 3)),
    nullable(text('DEFINER', 288)),
    nullable(text('SECURITY_TYPE', 7)),
    text('CHARACTER_SET_CLIENT'),
    text('COLLATION_CONNECTION'),
  ]);
}

export function routinesTable(): VirtualTable {
  return emptyTable('ROUTINES', [
    text('SPECIFIC_NAME'),
    text('ROUTINE_CATALOG'),
    text('ROUTINE_SCHEMA'),
    text('ROUTINE_NAME'),
    text('ROUTINE_TYPE', 9),
    nullable(longText('DATA_TYPE')),
    ...DATA_TYPE,
    nullable(longText('DTD_IDENTIFIER')),
    text('ROUTINE_BODY', 8),
    nullable(longText('ROUTINE_DEFINITION')),
    nullable(text('EXTERNAL_NAME')),
    text('EXTERNAL_LANGUAGE'),
    text('PARAMETER_STYLE', 3),
    text('IS_DETERMINISTIC', 3),
    text('SQL_DATA_ACCESS', 17),
    nullable(text('SQL_PATH')),
    text('SECURITY_TYPE', 7),
    timestamp('CREATED'),
    timestamp('LAST_ALTERED'),
    text('SQL_MODE', 520),
    longText('ROUTINE_COMMENT'),
    text('DEFINER', 288),
    ...CHARACTER_SETS_OF_CREATION,
  ]);
}

export function parametersTable(): VirtualTable {
  return emptyTable('PARAMETERS', [
    text('SPECIFIC_CATALOG'),
    text('SPECIFIC_SCHEMA'),
    text('SPECIFIC_NAME'),
    bigintUnsigned('ORDINAL_POSITION'),
    nullable(text('PARAMETER_MODE', 5)),
    nullable(text('PARAMETER_NAME')),
    nullable(longText('DATA_TYPE')),
    ...DATA_TYPE,
    longText('DTD_IDENTIFIER'),
    text('ROUTINE_TYPE', 9),
  ]);
}

export function triggersTable(): VirtualTable {
  return emptyTable('TRIGGERS', [
    text('TRIGGER_CATALOG'),
    text('TRIGGER_SCHEMA'),
    text('TRIGGER_NAME'),
    text('EVENT_MANIPULATION', 6),
    text('EVENT_OBJECT_CATALOG'),
    text('EVENT_OBJECT_SCHEMA'),
    text('EVENT_OBJECT_TABLE'),
    intUnsigned('ACTION_ORDER'),
    nullable(longText('ACTION_CONDITION')),
    longText('ACTION_STATEMENT'),
    text('ACTION_ORIENTATION', 3),
    text('ACTION_TIMING', 6),
    nullable(text('ACTION_REFERENCE_OLD_TABLE')),
    nullable(text('ACTION_REFERENCE_NEW_TABLE')),
    text('ACTION_REFERENCE_OLD_ROW', 3),
    text('ACTION_REFERENCE_NEW_ROW', 3),
    timestamp('CREATED'),
    text('SQL_MODE', 520),
    text('DEFINER', 288),
    ...CHARACTER_SETS_OF_CREATION,
  ]);
}

export function eventsTable(): VirtualTable {
  return emptyTable('EVENTS', [
    text('EVENT_CATALOG'),
    text('EVENT_SCHEMA'),
    text('EVENT_NAME'),
    text('DEFINER', 288),
    text('TIME_ZONE'),
    text('EVENT_BODY', 3),
    longText('EVENT_DEFINITION'),
    text('EVENT_TYPE', 9),
    nullable(datetime('EXECUTE_AT')),
    nullable(text('INTERVAL_VALUE', 256)),
    nullable(text('INTERVAL_FIELD', 18)),
    text('SQL_MODE', 520),
    nullable(datetime('STARTS')),
    nullable(datetime('ENDS')),
    text('STATUS', 18),
    text('ON_COMPLETION', 12),
    timestamp('CREATED'),
    timestamp('LAST_ALTERED'),
    nullable(datetime('LAST_EXECUTED')),
    text('EVENT_COMMENT', 2048),
    intUnsigned('ORIGINATOR'),
    ...CHARACTER_SETS_OF_CREATION,
  ]);
}

export function filesTable(): VirtualTable {
  return emptyTable('FILES', [
    nullable(bigint('FILE_ID')),
    nullable(longText('FILE_NAME')),
    nullable(text('FILE_TYPE', 256)),
    text('TABLESPACE_NAME', 268),
    text('TABLE_CATALOG', 0),
    nullable(text('TABLE_SCHEMA', 0)),
    nullable(text('TABLE_NAME', 0)),
    nullable(text('LOGFILE_GROUP_NAME', 256)),
    nullable(bigint('LOGFILE_GROUP_NUMBER')),
    text('ENGINE'),
    nullable(bigint('FREE_EXTENTS')),
    nullable(bigint('TOTAL_EXTENTS')),
    nullable(bigint('EXTENT_SIZE')),
    nullable(bigint('INITIAL_SIZE')),
    nullable(bigint('MAXIMUM_SIZE')),
    nullable(bigint('AUTOEXTEND_SIZE')),
    nullable(bigint('DATA_FREE')),
    nullable(text('STATUS', 256)),
    nullable(text('EXTRA', 256)),
  ]);
}

export function columnStatisticsTable(): VirtualTable {
  return emptyTable('COLUMN_STATISTICS', [
    text('SCHEMA_NAME'),
    text('TABLE_NAME'),
    text('COLUMN_NAME'),
    { name: 'HISTOGRAM', type: { name: 'json' }, nullable: false },
  ]);
}
