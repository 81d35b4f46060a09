/** Who may do what. Until there are roles, whoever got in may do everything. */
import type { VirtualTable } from '../virtual-table.ts';
import { emptyTable, table, text } from './define.ts';

const PRIVILEGES = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'DROP',
  'RELOAD',
  'SHUTDOWN',
  'PROCESS',
  'REFERENCES',
  'INDEX',
  'ALTER',
  'SHOW DATABASES',
  'SUPER',
  'CREATE TEMPORARY TABLES',
  'LOCK TABLES',
  'CREATE VIEW',
  'SHOW VIEW',
  'CREATE USER',
] as const;

/** As MySQL writes an account in information_schema: 'user'@'host'. */
function grantee(user: string): string {
  return `'${user}'@'%'`;
}

export function userPrivilegesTable(): VirtualTable {
  const columns = [text('GRANTEE', 292), text('TABLE_CATALOG', 512), text('PRIVILEGE_TYPE'), text('IS_GRANTABLE', 3)];
  return table('USER_PRIVILEGES', columns, ({ session }) =>
    PRIVILEGES.map((privilege) => ({
      GRANTEE: grantee(session.user),
      TABLE_CATALOG: 'def',
      PRIVILEGE_TYPE: privilege,
      IS_GRANTABLE: 'YES',
    })),
  );
}

export function schemaPrivilegesTable(): VirtualTable {
  return emptyTable('SCHEMA_PRIVILEGES', [
    text('GRANTEE', 292),
    text('TABLE_CATALOG', 512),
    text('TABLE_SCHEMA'),
    text('PRIVILEGE_TYPE'),
    text('IS_GRANTABLE', 3),
  ]);
}

export function tablePrivilegesTable(): VirtualTable {
  return emptyTable('TABLE_PRIVILEGES', [
    text('GRANTEE', 292),
    text('TABLE_CATALOG', 512),
    text('TABLE_SCHEMA'),
    text('TABLE_NAME'),
    text('PRIVILEGE_TYPE'),
    text('IS_GRANTABLE', 3),
  ]);
}

export function columnPrivilegesTable(): VirtualTable {
  return emptyTable('COLUMN_PRIVILEGES', [
    text('GRANTEE', 292),
    text('TABLE_CATALOG', 512),
    text('TABLE_SCHEMA'),
    text('TABLE_NAME'),
    text('COLUMN_NAME'),
    text('PRIVILEGE_TYPE'),
    text('IS_GRANTABLE', 3),
  ]);
}
