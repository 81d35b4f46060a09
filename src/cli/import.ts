/** `sluice import FILE|- --table db.t`: rows of a file into a table that is there. */
import { createReadStream, statSync } from 'node:fs';
import { Progress } from '../demo/progress.ts';
import { SluiceError } from '../errors.ts';
import { backquoted } from '../util/backquoted.ts';
import type { JsonValue } from '../util/json-value.ts';
import { type Arguments, UsageError } from './arguments.ts';
import type { Command, Terminal } from './command.ts';
import { type ImportFormat, type ImportRecord, readRecords } from './import-records.ts';
import { type ImportTarget, openTarget } from './import-target.ts';
import { loadConfig, SERVE_FLAGS } from './load-config.ts';

const PASSED_ON = ['config', 'data', 'host', 'http-port', 'synchronous', 'log-level'];

export const importCommand: Command = {
  name: 'import',
  usage: 'FILE|- --table DB.T [flags]',
  summary: 'Inserts the rows of a file (- is standard input) into a table, also while a server serves it',
  flags: [
    { flag: 'table', placeholder: 'DB.T', help: 'the table, which must be there' },
    {
      flag: 'format',
      placeholder: 'FORMAT',
      help: 'ndjson, or csv with names in the first line',
      defaultText: "by the file's name, else ndjson",
    },
    ...SERVE_FLAGS.filter(({ flag }) => PASSED_ON.includes(flag)),
  ],
  words: 1,
  run: runImport,
};

/** Bounds of one INSERT; each one is a transaction of its own. */
const BATCH_ROWS = 1000;
const BATCH_VALUES = 20_000;
const BATCH_CHARS = 4_000_000;

async function runImport({ flags, words }: Arguments, { out }: Terminal): Promise<number> {
  const file = words[0] ?? '-';
  const table = quotedTable(flags.get('table'));
  const format = formatOf(flags.get('format'), file);
  const passedOn = new Map([...flags].filter(([flag]) => PASSED_ON.includes(flag)));
  const config = await loadConfig(passedOn, process.env);
  const source = openSource(file);
  const target = await openTarget(config);
  const progress =
    source.bytes === null || !process.stderr.isTTY ? null : new Progress({ label: file, total: source.bytes });
  const loader = new Loader(target, table, () => progress?.update(source.read()));
  const startedAt = performance.now();
  try {
    await target.execute(`SELECT 1 FROM ${table} LIMIT 0`, []);
    for await (const record of readRecords(source.chunks, format)) await loader.add(record);
    await loader.flush();
    progress?.end();
  } catch (error) {
    if (loader.done === 0) throw error;
    throw new SluiceError('ER_UNKNOWN_ERROR', `${messageOf(error)}; the ${loader.done} rows before are imported`);
  } finally {
    await target.close();
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  out(`${loader.done} rows are imported into ${String(flags.get('table'))} in ${seconds} s\n`);
  return 0;
}

/** Gathers records with the same columns into INSERTs. */
class Loader {
  readonly #target: ImportTarget;
  readonly #table: string;
  readonly #onBatch: () => void;
  #columns: readonly string[] = [];
  #values: JsonValue[] = [];
  #rows = 0;
  #chars = 0;
  #firstLine = 0;
  #lastLine = 0;
  #done = 0;

  constructor(target: ImportTarget, table: string, onBatch: () => void) {
    this.#target = target;
    this.#table = table;
    this.#onBatch = onBatch;
  }

  /** Rows that are in the table. */
  get done(): number {
    return this.#done;
  }

  async add({ columns, values, line }: ImportRecord): Promise<void> {
    if (this.#rows > 0 && !sameNames(columns, this.#columns)) await this.flush();
    if (this.#rows === 0) {
      this.#columns = columns;
      this.#firstLine = line;
    }
    this.#lastLine = line;
    this.#rows++;
    for (const value of values) {
      this.#values.push(value);
      if (typeof value === 'string') this.#chars += value.length;
    }
    if (this.#rows >= BATCH_ROWS || this.#values.length >= BATCH_VALUES || this.#chars >= BATCH_CHARS)
      await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#rows === 0) return;
    const row = `(${this.#columns.map(() => '?').join(', ')})`;
    const rows = Array.from({ length: this.#rows }, () => row).join(', ');
    const sql = `INSERT INTO ${this.#table} (${this.#columns.map(backquoted).join(', ')}) VALUES ${rows}`;
    try {
      await this.#target.execute(sql, this.#values);
    } catch (error) {
      throw new SluiceError('ER_UNKNOWN_ERROR', `lines ${this.#firstLine} to ${this.#lastLine}: ${messageOf(error)}`);
    }
    this.#done += this.#rows;
    this.#values = [];
    this.#rows = 0;
    this.#chars = 0;
    this.#onBatch();
  }
}

interface Source {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The whole size; null when it is not known. */
  readonly bytes: number | null;
  /** Bytes read so far. */
  readonly read: () => number;
}

function openSource(file: string): Source {
  if (file === '-') return { chunks: process.stdin, bytes: null, read: () => 0 };
  const bytes = statSync(file).size;
  const stream = createReadStream(file);
  return { chunks: stream, bytes, read: () => stream.bytesRead };
}

function quotedTable(name: string | boolean | undefined): string {
  const [database, table, ...more] = typeof name === 'string' ? name.split('.') : [];
  if (!database || !table || more.length > 0) throw new UsageError('say which table: --table database.table');
  return `${backquoted(database)}.${backquoted(table)}`;
}

function formatOf(given: string | boolean | undefined, file: string): ImportFormat {
  if (given === undefined) return /\.csv$/i.test(file) ? 'csv' : 'ndjson';
  if (given === 'ndjson' || given === 'csv') return given;
  throw new UsageError(`--format ${given} is neither ndjson nor csv`);
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((name, i) => name === b[i]));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
