import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { PROJECT_DIR } from '../../test/structure/sources.ts';
import type { BenchContext, Claim, Row } from './claim.ts';
import { format } from './compare.ts';

/** A table for the terminal, one line for each row. */
export function tableOf(rows: readonly Row[]): string {
  const heads = ['', 'Sluice', 'peer', 'ratio', 'target', ''];
  const lines = rows.map((row) => [
    row.name,
    `${format(row.sluice)} ${row.unit}`,
    `${format(row.peer)} (${row.peerName})`,
    row.ratio.toFixed(2),
    targetText(row),
    row.ok ? 'ok' : 'MISSED',
  ]);
  const widths = heads.map((_, column) => Math.max(...[heads, ...lines].map((line) => line[column]?.length ?? 0)));
  const drawn = [heads, ...lines].map((line) =>
    line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '),
  );
  const notes = rows.filter((row) => row.note !== undefined).map((row) => `${row.name}: ${row.note}`);
  return [...drawn, ...notes].map((line) => line.trimEnd()).join('\n');
}

function targetText({ target, targetOf, unit }: Row): string {
  if (targetOf === undefined) return `>= ${Number(target.toFixed(2))}`;
  return `${targetOf === 'figure at most' ? '<=' : '>='} ${format(target)} ${unit}`;
}

/** Writes the claim's figures to `bench/results/`, under a name that stays the same, so that git shows how they move. */
export function writeResults(claim: Claim, context: BenchContext, rows: readonly Row[]): void {
  const dir = join(PROJECT_DIR, 'bench', 'results');
  mkdirSync(dir, { recursive: true });
  const results = {
    id: claim.id,
    title: claim.title,
    rows: rows.map((row) => ({
      ...row,
      sluice: round(row.sluice, 0),
      peer: round(row.peer, 0),
      ratio: round(row.ratio, 3),
    })),
    machine: { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length },
    seconds: context.seconds,
    rounds: context.rounds,
    feedRows: context.rows,
    connectionsMax: context.connections,
    pinned: context.cores.server !== undefined,
  };
  writeFileSync(join(dir, `${claim.id.toLowerCase()}.json`), `${JSON.stringify(results, undefined, 2)}\n`);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
