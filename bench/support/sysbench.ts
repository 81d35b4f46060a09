import { join } from 'node:path';
import { PROJECT_DIR } from '../../test/structure/sources.ts';
import { mysqlClient } from '../../test/support/mariadb-server.ts';
import { runCommand } from '../../test/support/run-command.ts';

/** sysbench's own default: one table of this many rows. */
export const TABLE_ROWS = 10_000;
const DATABASE = 'sbtest';
const OLTP_OPTIONS = [`--mysql-db=${DATABASE}`, `--table-size=${TABLE_ROWS}`];

export interface SysbenchTarget {
  readonly name: string;
  readonly port: number;
}

export interface SysbenchResult {
  readonly transactions: number;
  readonly perSecond: number;
  /** Transactions that sysbench began again, because the server asked for it (1213, 1205, 1020). */
  readonly restarted: number;
}

/** Creates sysbench's table and fills it. */
export async function prepareSysbench(target: SysbenchTarget): Promise<void> {
  await mysqlClient(target, `DROP DATABASE IF EXISTS ${DATABASE}; CREATE DATABASE ${DATABASE};`);
  await sysbench('oltp_common', target, OLTP_OPTIONS, 'prepare');
  const rows = await countRows(target);
  if (rows !== TABLE_ROWS) throw new Error(`${target.name} has ${rows} rows after prepare, not ${TABLE_ROWS}`);
}

interface SysbenchLoad {
  readonly threads: number;
  readonly seconds: number;
  readonly cores: string | undefined;
}

/**
 * Runs one of sysbench's oltp scripts with its default options.
 * @throws if a statement failed, or the connection did, in any way but a request to begin again
 */
export function runSysbench(script: string, target: SysbenchTarget, load: SysbenchLoad): Promise<SysbenchResult> {
  return measure(script, target, OLTP_OPTIONS, load);
}

/**
 * Runs one statement again and again, each time with other values: a template, see template.ts.
 * @throws as above
 */
export function runStatement(
  statement: string,
  target: SysbenchTarget & { readonly database: string },
  { seed, ...load }: SysbenchLoad & { readonly seed: number },
): Promise<SysbenchResult> {
  const script = join(PROJECT_DIR, 'bench', 'support', 'random-query.lua');
  const options = [`--mysql-db=${target.database}`, `--statement=${statement}`, `--rand-seed=${seed}`];
  return measure(script, target, options, load);
}

async function measure(
  script: string,
  target: SysbenchTarget,
  options: readonly string[],
  { threads, seconds, cores }: SysbenchLoad,
): Promise<SysbenchResult> {
  const limits = { cores, timeoutMs: (seconds + 60) * 1_000 };
  const output = await sysbench(
    script,
    target,
    [...options, `--threads=${threads}`, `--time=${seconds}`],
    'run',
    limits,
  );
  const transactions = figure(output, /transactions:\s+(\d+)/);
  const reconnects = figure(output, /reconnects:\s+(\d+)/);
  if (reconnects > 0) throw new Error(`${target.name}: ${reconnects} reconnects\n${output}`);
  if (transactions === 0) throw new Error(`${target.name}: no transaction\n${output}`);
  return {
    transactions,
    perSecond: figure(output, /transactions:\s+\d+\s+\(([\d.]+) per sec/),
    restarted: figure(output, /ignored errors:\s+(\d+)/),
  };
}

export async function countRows(target: SysbenchTarget): Promise<number> {
  return Number((await queryLines(target, 'SELECT COUNT(*) FROM sbtest1'))[0]);
}

/**
 * Whether the lookups that are measured find the right rows: a sample of them is compared with a scan of the whole table.
 * @throws naming the first row that differs
 */
export async function checkPointSelects(target: SysbenchTarget): Promise<void> {
  const scanned = new Map((await queryLines(target, 'SELECT id, c FROM sbtest1')).map((line) => splitOnce(line)));
  const ids = [...scanned.keys()].filter((_, index) => index % 50 === 0);
  const selects = ids.map((id) => `SELECT id, c FROM sbtest1 WHERE id=${id};`).join('\n');
  const found = new Map((await queryLines(target, selects)).map((line) => splitOnce(line)));
  const wrong = ids.find((id) => found.get(id) !== scanned.get(id));
  if (wrong !== undefined)
    throw new Error(`${target.name}: id ${wrong} is ${found.get(wrong)}, not ${scanned.get(wrong)}`);
  if (found.size === 0) throw new Error(`${target.name}: no rows to check`);
}

async function sysbench(
  script: string,
  target: SysbenchTarget,
  options: readonly string[],
  command: 'prepare' | 'run',
  limits: { cores?: string | undefined; timeoutMs?: number } = {},
): Promise<string> {
  const connection = ['--mysql-host=127.0.0.1', `--mysql-port=${target.port}`, '--mysql-user=root'];
  const args = [script, ...connection, ...options, command];
  return (await runCommand('sysbench', args, limits)).stdout;
}

/** The lines of an answer, without the names of the columns. */
async function queryLines(target: SysbenchTarget, sql: string): Promise<string[]> {
  const text = await mysqlClient({ port: target.port, database: DATABASE }, sql);
  return text.split('\n').filter((line) => line !== '' && !/^(?:id\tc|COUNT\(\*\))$/.test(line));
}

function splitOnce(line: string): [string, string] {
  const tab = line.indexOf('\t');
  return [line.slice(0, tab), line.slice(tab + 1)];
}

function figure(output: string, pattern: RegExp): number {
  const text = pattern.exec(output)?.[1];
  if (text === undefined) throw new Error(`sysbench printed no ${pattern}:\n${output}`);
  return Number(text);
}
