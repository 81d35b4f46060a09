/** For each open port of the demo one command to paste. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Config } from '../config.ts';
import type { OpenPorts } from './serve.ts';

const LATEST = 'SELECT pkey, username, icon, hot FROM feed ORDER BY pkey DESC LIMIT 5';
const BUSIEST =
  'SELECT username, COUNT(*) AS stories FROM main.feed GROUP BY uid, username ORDER BY stories DESC LIMIT 3';

/** The pages of the demo's feed, in the protocol of lists. */
const LIST =
  'command=select&type=*&where=pkey:NUMGE:0|title_template:STRINC:actor&order_by=pkey&order_sort=NUMDESC&limit_skip=0&limit_max=3';

export function demoCommands({ host, users }: Pick<Config, 'host' | 'users'>, ports: OpenPorts): string {
  const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${ports.http}`;
  const [user] = users;
  // The clients ask for the password: it is not to be seen on a terminal.
  const [mysqlUser, curlUser] = user === undefined ? ['-u root', ''] : [`-u ${user.name} -p`, ` -u ${user.name}`];
  const redisUser = user === undefined ? '' : ` --user ${user.name} --askpass`;
  const lines: string[] = ['', 'Paste one of these into another terminal:', ''];
  if (ports.mysql !== undefined) {
    lines.push(`  ${mysqlClient()} -h ${address} -P ${ports.mysql} ${mysqlUser} -e "${LATEST}" main`);
  }
  if (ports.http !== undefined) {
    lines.push(`  curl${curlUser} "${url}/?${LIST}"`);
    lines.push(`  curl${curlUser} ${url}/v1/sql -H "Content-Type: application/json" -d '{"sql": "${BUSIEST}"}'`);
  }
  if (ports.redis !== undefined) lines.push(`  redis-cli -h ${address} -p ${ports.redis}${redisUser} incr visits`);
  return `${[...lines, ''].join('\n')}\n`;
}

/** The client that is installed. MariaDB's of late insists on TLS unless told otherwise, MySQL's never does. */
function mysqlClient(): string {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => existsSync(join(folder, 'mariadb'))) ? 'mariadb --skip-ssl' : 'mysql';
}
