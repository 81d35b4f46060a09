/**
 * `npm run bench -- [T3 T1-lists ...] [--seconds N] [--rounds 3] [--rows 1000000] [--connections 10000]`: measures the
 * claims whose ids begin with one of the names, or all of them, against peers that are started in the same run.
 */
import { parseArgs } from 'node:util';
import { CLAIMS } from './claims.ts';
import {
  type BenchContext,
  type Claim,
  DEFAULT_CONNECTIONS,
  DEFAULT_ROWS,
  DEFAULT_SECONDS,
  type Row,
} from './support/claim.ts';
import { chooseCores } from './support/cores.ts';
import { tableOf, writeResults } from './support/report.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    rows: { type: 'string', default: String(DEFAULT_ROWS) },
    connections: { type: 'string', default: String(DEFAULT_CONNECTIONS) },
  },
});

const seconds = values.seconds === undefined ? undefined : positiveInteger('seconds', values.seconds);
const common = {
  rounds: positiveInteger('rounds', values.rounds),
  rows: positiveInteger('rows', values.rows),
  connections: positiveInteger('connections', values.connections),
  cores: chooseCores(),
  log: (line: string) => console.log(`  ${line}`),
};
// What small tables and few connections show is that a claim runs; its figures are not the project's.
const isWhole = common.rows === DEFAULT_ROWS && common.connections === DEFAULT_CONNECTIONS;
const chosen = choose(positionals);
if (common.cores.server === undefined) console.log('one core only: server and load share it, so ratios say little');

const failed: string[] = [];
for (const claim of chosen) {
  console.log(`\n${claim.id}: ${claim.title}`);
  const startedAt = performance.now();
  try {
    const rows = await measure(claim);
    console.log(tableOf(rows));
  } catch (error) {
    // A figure that cannot be trusted is not printed; the other claims can still be measured.
    console.error(error);
    failed.push(claim.id);
  }
  console.log(`(${((performance.now() - startedAt) / 1_000).toFixed(0)} s)`);
}
if (!isWhole) console.log('\nfigures of small tables or few connections: not written to bench/results/');
if (failed.length > 0) console.error(`\nnot measured: ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);

async function measure(claim: Claim): Promise<Row[]> {
  const context: BenchContext = { ...common, seconds: seconds ?? claim.seconds ?? DEFAULT_SECONDS };
  const rows = await claim.run(context);
  if (isWhole) writeResults(claim, context, rows);
  return rows;
}

function choose(names: readonly string[]): Claim[] {
  const unknown = names.filter((name) => !CLAIMS.some((claim) => isNamed(claim, name)));
  if (unknown.length > 0) {
    console.error(`no claim is named ${unknown.join(', ')}; there are ${CLAIMS.map((claim) => claim.id).join(', ')}`);
    process.exit(1);
  }
  return CLAIMS.filter((claim) => names.length === 0 || names.some((name) => isNamed(claim, name)));
}

function isNamed(claim: Claim, name: string): boolean {
  return claim.id.toLowerCase().startsWith(name.toLowerCase());
}

function positiveInteger(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`--${name} must be a whole number above 0, not ${text}`);
  process.exit(1);
}
