/** SHOW of what Sluice does not have: the columns that tools expect, and no rows. */
import type { VirtualColumn } from '../information-schema/define.ts';
import {
  bigintUnsigned,
  datetime,
  intUnsigned,
  longText,
  nullable,
  text,
  timestamp,
} from '../information-schema/define.ts';
import { requireDatabase, type ShowMaker, showResult } from './show-result.ts';

const CREATED_UNDER = [text('character_set_client'), text('collation_connection'), text('Database Collation')];

const ROUTINE = [
  text('Db'),
  text('Name'),
  text('Type', 9),
  text('Definer', 288),
  timestamp('Modified'),
  timestamp('Created'),
  text('Security_type', 7),
  longText('Comment'),
  ...CREATED_UNDER,
];

const TRIGGER = [
  text('Trigger'),
  text('Event', 6),
  text('Table'),
  longText('Statement'),
  text('Timing', 6),
  timestamp('Created'),
  text('sql_mode', 520),
  text('Definer', 288),
  ...CREATED_UNDER,
];

const EVENT = [
  text('Db'),
  text('Name'),
  text('Definer', 288),
  text('Time zone'),
  text('Type', 9),
  nullable(datetime('Execute at')),
  nullable(text('Interval value', 256)),
  nullable(text('Interval field', 18)),
  nullable(datetime('Starts')),
  nullable(datetime('Ends')),
  text('Status', 18),
  intUnsigned('Originator'),
  ...CREATED_UNDER,
];

/** What MySQL answers without a binlog: an empty set. */
const BINLOG_STATUS = [
  text('File', 512),
  bigintUnsigned('Position'),
  text('Binlog_Do_DB', 512),
  text('Binlog_Ignore_DB', 512),
  text('Executed_Gtid_Set', 512),
];

const REPLICAS = [
  intUnsigned('Server_Id'),
  text('Host', 255),
  intUnsigned('Port'),
  intUnsigned('Source_Id'),
  text('Replica_UUID', 36),
];

/** By MySQL 8.0.22's names; before, a source was a master and a replica a slave. */
const REPLICA_STATUS =
  'Replica_IO_State Source_Host Source_User Source_Port Connect_Retry Source_Log_File Read_Source_Log_Pos Relay_Log_File ' +
  'Relay_Log_Pos Relay_Source_Log_File Replica_IO_Running Replica_SQL_Running Replicate_Do_DB Replicate_Ignore_DB ' +
  'Replicate_Do_Table Replicate_Ignore_Table Replicate_Wild_Do_Table Replicate_Wild_Ignore_Table Last_Errno Last_Error ' +
  'Skip_Counter Exec_Source_Log_Pos Relay_Log_Space Until_Condition Until_Log_File Until_Log_Pos Source_SSL_Allowed ' +
  'Source_SSL_CA_File Source_SSL_CA_Path Source_SSL_Cert Source_SSL_Cipher Source_SSL_Key Seconds_Behind_Source ' +
  'Source_SSL_Verify_Server_Cert Last_IO_Errno Last_IO_Error Last_SQL_Errno Last_SQL_Error Replicate_Ignore_Server_Ids ' +
  'Source_Server_Id Source_UUID Source_Info_File SQL_Delay SQL_Remaining_Delay Replica_SQL_Running_State Source_Retry_Count ' +
  'Source_Bind Last_IO_Error_Timestamp Last_SQL_Error_Timestamp Source_SSL_Crl Source_SSL_Crlpath Retrieved_Gtid_Set ' +
  'Executed_Gtid_Set Auto_Position Replicate_Rewrite_DB Channel_Name Source_TLS_Version';

/** Of a server that replicates nothing: an empty set. */
export const showReplicaStatus: ShowMaker = (ast) => {
  const names = ast.what.startsWith('slave')
    ? REPLICA_STATUS.replaceAll('Source', 'Master').replaceAll('Replica_', 'Slave_')
    : REPLICA_STATUS;
  return showResult(
    names.split(' ').map((name) => text(name, 512)),
    [],
  );
};

export const showRoutines: ShowMaker = () => showResult(ROUTINE, []);
export const showBinlogStatus: ShowMaker = () => showResult(BINLOG_STATUS, []);
export const showReplicas: ShowMaker = () => showResult(REPLICAS, []);
export const showTriggers: ShowMaker = ofDatabase(TRIGGER);
export const showEvents: ShowMaker = ofDatabase(EVENT);

function ofDatabase(columns: readonly VirtualColumn[]): ShowMaker {
  return (ast, context) => {
    requireDatabase(ast.database, context);
    return showResult(columns, []);
  };
}
