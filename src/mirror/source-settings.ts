/** What the source must be and have for a mirror: a MariaDB whose binlog has every change of a row, whole. */
import type { SourceConnection } from '../stores/mysql/connection.ts';
import { askRow, askRows } from './ask-source.ts';
import type { MirroredName } from './protocol.ts';

const VERSION_MIN = [10, 5] as const;

const NEEDED: readonly (readonly [variable: string, value: string])[] = [
  ['log_bin', 'ON'],
  ['binlog_format', 'ROW'],
  ['binlog_row_image', 'FULL'],
];

/** In order of importance; empty: all is well. Rejects when the source cannot be asked. */
export async function settingsProblems(
  connection: SourceConnection,
  tables: readonly MirroredName[],
): Promise<string[]> {
  const version = versionProblem(connection.serverVersion);
  if (version !== null) return [version];
  const problems: string[] = [];
  for (const [variable, value] of NEEDED) {
    const [, actual] = await askRow(connection, `SHOW GLOBAL VARIABLES LIKE '${variable}'`);
    if (actual?.toUpperCase() !== value) problems.push(`${variable} is ${actual ?? 'unknown'}, and must be ${value}`);
  }
  if (problems.length > 0) return problems;
  const privileges = await privilegeProblems(connection);
  // Without them the rest cannot be asked.
  if (privileges.length > 0) return privileges;
  return [...(await replicaProblems(connection)), ...(await filterProblems(connection, tables))];
}

function versionProblem(version: string): string | null {
  if (!version.includes('MariaDB')) return `it is no MariaDB (${version}): only MariaDB's binlog can be followed`;
  const [, major, minor] = /(\d+)\.(\d+)\.\d+-MariaDB/.exec(version) ?? [];
  const isOld = Number(major) < VERSION_MIN[0] || (Number(major) === VERSION_MIN[0] && Number(minor) < VERSION_MIN[1]);
  return isOld ? `it is ${version}, and must be MariaDB ${VERSION_MIN.join('.')} or newer` : null;
}

/** What reading the binlog takes. */
async function privilegeProblems(connection: SourceConnection): Promise<string[]> {
  const grants = (await askRows(connection, 'SHOW GRANTS')).map(([grant]) => grant ?? '');
  const has = (privilege: RegExp): boolean =>
    grants.some(
      (grant) => / ON \*\.\* TO /.test(grant) && (privilege.test(grant) || /GRANT ALL PRIVILEGES/.test(grant)),
    );
  const problems: string[] = [];
  if (!has(/REPLICATION SLAVE\b/)) problems.push("Sluice's user there lacks the privilege REPLICATION SLAVE");
  if (!has(/BINLOG MONITOR|REPLICATION CLIENT|\bSUPER\b/))
    problems.push("Sluice's user there lacks the privilege BINLOG MONITOR");
  return problems;
}

/** What a replica takes over from elsewhere must be in its own binlog. */
async function replicaProblems(connection: SourceConnection): Promise<string[]> {
  const [, logs] = await askRow(connection, "SHOW GLOBAL VARIABLES LIKE 'log_slave_updates'");
  if (logs === 'ON') return [];
  const [, wsrep] = await askRow(connection, "SHOW GLOBAL VARIABLES LIKE 'wsrep_on'");
  const [, replicated] = await askRow(connection, "SHOW GLOBAL VARIABLES LIKE 'gtid_slave_pos'");
  if (wsrep === 'ON') return ['log_slave_updates is OFF, and must be ON in a Galera cluster'];
  return (replicated ?? '') === '' ? [] : ['log_slave_updates is OFF, and must be ON on a replica'];
}

async function filterProblems(connection: SourceConnection, tables: readonly MirroredName[]): Promise<string[]> {
  const [, , only = '', not = ''] = await askRow(connection, 'SHOW MASTER STATUS');
  const listed = (list: string | null): string[] => (list ?? '').split(',').filter((name) => name !== '');
  const problems: string[] = [];
  for (const database of new Set(tables.map((table) => table.database))) {
    const isLeftOut = (listed(only).length > 0 && !listed(only).includes(database)) || listed(not).includes(database);
    if (isLeftOut)
      problems.push(
        `the binlog leaves out the database ${database} (binlog_do_db, binlog_ignore_db), and must have it`,
      );
  }
  return problems;
}
