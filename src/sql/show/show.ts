/**
 * SHOW: each answer is a small table, made at once from the catalog and the session. LIKE is applied here; the planner binds
 * `SELECT * FROM <this table> WHERE ...` when the statement has a WHERE. What MySQL shows and Sluice has no like of is refused
 * by name (1235), or shown as the empty set that it is in a MySQL without it.
 */
import { failure } from '../../errors.ts';
import type { ShowAst } from '../ast.ts';
import type { ExecutionContext } from '../context.ts';
import type { VirtualTable } from '../virtual-table.ts';
import {
  showBinlogStatus,
  showEvents,
  showReplicaStatus,
  showReplicas,
  showRoutines,
  showTriggers,
} from './show-absent.ts';
import { showErrorCount, showErrors, showWarningCount, showWarnings } from './show-diagnostics.ts';
import type { ShowMaker } from './show-result.ts';
import {
  showColumns,
  showCreateDatabase,
  showCreateTable,
  showDatabases,
  showIndex,
  showTableStatus,
  showTables,
} from './show-schema.ts';
import {
  showCharacterSets,
  showCollations,
  showEngine,
  showEngines,
  showGrants,
  showOpenTables,
  showPlugins,
  showPrivileges,
  showProcesslist,
  showProfiles,
  showStatus,
  showVariables,
} from './show-server.ts';

/** By ShowAst.what. */
const MAKERS: ReadonlyMap<string, ShowMaker> = new Map([
  ['binary log status', showBinlogStatus],
  ['character set', showCharacterSets],
  ['collation', showCollations],
  ['columns', showColumns],
  ['count errors', showErrorCount],
  ['count warnings', showWarningCount],
  ['create database', showCreateDatabase],
  ['create table', showCreateTable],
  ['databases', showDatabases],
  ['engine', showEngine],
  ['engines', showEngines],
  ['errors', showErrors],
  ['events', showEvents],
  ['function status', showRoutines],
  ['grants', showGrants],
  ['index', showIndex],
  ['master status', showBinlogStatus],
  ['open tables', showOpenTables],
  ['plugins', showPlugins],
  ['privileges', showPrivileges],
  ['procedure status', showRoutines],
  ['processlist', showProcesslist],
  ['profiles', showProfiles],
  ['replica status', showReplicaStatus],
  ['replicas', showReplicas],
  ['slave hosts', showReplicas],
  ['slave status', showReplicaStatus],
  ['status', showStatus],
  ['table status', showTableStatus],
  ['tables', showTables],
  ['triggers', showTriggers],
  ['variables', showVariables],
  ['warnings', showWarnings],
]);

/** The answer to a SHOW. Throws 1046, 1049, 1146, 1235. */
export function showTable(ast: ShowAst, context: ExecutionContext): VirtualTable {
  const maker = MAKERS.get(ast.what);
  if (maker === undefined) throw failure('ER_NOT_SUPPORTED_YET', `SHOW ${ast.what.toUpperCase()}`);
  return maker(ast, context);
}
