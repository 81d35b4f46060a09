/**
 * `npm run bench -- [T3 T1-lists ...] [--seconds 10] [--rounds 3]`: measures the claims whose ids begin with one of the
 * names, or all of them, against peers that are started in the same run.
 */
import { parseArgs } from 'node:util';
import type { BenchContext, Claim } from './support/claim.ts';
import { chooseCores } from './support/cores.ts';
import { tableOf, writeResults } from './support/report.ts';
import { lists } from './t1-lists.ts';
import { insert } from './t3-insert.ts';
import { pointSelect } from './t3-point-select.ts';
import { readWrite } from './t3-read-write.ts';

const CLAIMS: readonly Claim[] = [lists, pointSelect, insert, readWrite];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '10' }, rounds: { type: 'string', default: '3' } },
});

const context: BenchContext = {
  seconds: positiveInteger('seconds', values.seconds),
  rounds: positiveInteger('rounds', values.rounds),
  cores: chooseCores(),
  log: (line) => console.log(`  ${line}`),
};
const chosen = choose(positionals);
if (context.cores.server === undefined) console.log('one core only: server and load share it, so ratios say little');

const failed: string[] = [];
for (const claim of chosen) {
  console.log(`\n${claim.id}: ${claim.title}`);
  try {
    const rows = await claim.run(context);
    writeResults(claim, context, rows);
    console.log(tableOf(rows));
  } catch (error) {
    // A figure that cannot be trusted is not printed; the other claims can still be measured.
    console.error(error);
    failed.push(claim.id);
  }
}
if (failed.length > 0) console.error(`\nnot measured: ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);

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
