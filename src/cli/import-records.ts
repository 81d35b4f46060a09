/** Rows of a file that is imported: one JSON object a line (ndjson), or CSV (RFC 4180) whose first line names the columns. */
import { JsonScanner, JsonSyntaxError } from '../util/json-scanner.ts';
import { type JsonValue, readJsonValue } from '../util/json-value.ts';
import { CsvParser } from './csv.ts';

export type ImportFormat = 'ndjson' | 'csv';

export interface ImportRecord {
  readonly columns: readonly string[];
  /** Scalars: an object or array within an NDJSON line is given as its text, for a JSON column. */
  readonly values: readonly JsonValue[];
  /** Where it begins in the file, from 1. */
  readonly line: number;
}

/** Something in the file that is no record. */
export class ImportError extends Error {
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.name = 'ImportError';
  }
}

/** Throws ImportError. `chunks` are the file's bytes; what is not UTF-8 is an error too. */
export function readRecords(
  chunks: AsyncIterable<Uint8Array>,
  format: ImportFormat,
): AsyncGenerator<ImportRecord, void, undefined> {
  return format === 'csv' ? readCsv(chunks) : readNdjson(chunks);
}

async function* readNdjson(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ImportRecord, void, undefined> {
  let line = 0;
  let rest = '';
  for await (const text of decoded(chunks, () => line + 1)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const content of lines) {
      line++;
      if (content.trim() !== '') yield jsonRecord(content, line);
    }
  }
  if (rest.trim() !== '') yield jsonRecord(rest, line + 1);
}

function jsonRecord(content: string, line: number): ImportRecord {
  const values = new Map<string, JsonValue>();
  const scanner = new JsonScanner(content);
  try {
    if (scanner.peek() !== 'object') throw new ImportError(line, 'it is not a JSON object');
    scanner.readObject((name) => {
      const kind = scanner.peek();
      values.set(name, kind === 'object' || kind === 'array' ? scanner.readRaw() : readJsonValue(scanner));
    });
    scanner.end();
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new ImportError(line, error.message);
    throw error;
  }
  return { columns: [...values.keys()], values: [...values.values()], line };
}

async function* readCsv(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ImportRecord, void, undefined> {
  const parser = new CsvParser();
  let header: readonly string[] | undefined;
  const take = function* (rows: Iterable<{ fields: (string | null)[]; line: number }>): Generator<ImportRecord> {
    for (const { fields, line } of rows) {
      if (header === undefined) header = checkHeader(fields, line);
      else if (fields.length === header.length) yield { columns: header, values: fields, line };
      else throw new ImportError(line, `${fields.length} fields, but the first line names ${header.length} columns`);
    }
  };
  for await (const text of decoded(chunks, () => parser.line)) yield* take(parser.push(text));
  const last = parser.end();
  if (last === 'unterminated') throw new ImportError(parser.line, 'a quoted field has no end');
  yield* take(last);
}

function checkHeader(fields: readonly (string | null)[], line: number): string[] {
  const names = fields.map((field) => field?.trim() ?? '');
  if (names.includes('')) throw new ImportError(line, 'the first line must name every column');
  return names;
}

async function* decoded(
  chunks: AsyncIterable<Uint8Array>,
  line: () => number,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (error) {
      if (error instanceof TypeError) throw new ImportError(line(), 'from here on the file is not UTF-8');
      throw error;
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
}
