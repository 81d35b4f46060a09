/** QUERY events: statements, among them those that begin and end transactions. */
import { Payload } from '../../util/mysql-packets/payload.ts';
import { uncompress } from './compressed.ts';

export interface Query {
  /** '' for none. */
  readonly database: string;
  readonly text: string;
}

/** In an EXECUTE_LOAD_QUERY: the file's id, where its name stands in the text, and what is to be done with duplicates. */
export const LOAD_QUERY_BYTES = 13;

/** `extraBytes`: what follows the fixed fields in events of related types. */
export function readQuery(buffer: Buffer, start: number, end: number, isCompressed: boolean, extraBytes = 0): Query {
  const body = new Payload(buffer, start, end);
  // The thread's id, how long it took.
  body.skip(8);
  const databaseLength = body.u8();
  body.skip(2);
  const statusLength = body.u16();
  body.skip(extraBytes + statusLength);
  const database = body.bytes(databaseLength).toString('utf8');
  body.skip(1);
  if (!isCompressed) return { database, text: body.rest().toString('utf8') };
  return { database, text: uncompress(buffer, end - body.remaining, end).toString('utf8') };
}

/** `XA COMMIT X'78',X'',1` and the like: the verb, and the transaction's name as the binlog writes it. */
export function readXaStatement(text: string): { verb: 'start' | 'end' | 'commit' | 'rollback'; id: string } | null {
  const match = /^XA (START|END|COMMIT|ROLLBACK) X'([0-9a-f]*)',X'([0-9a-f]*)',(\d+)/i.exec(text);
  if (match === null) return null;
  const [, verb = '', global = '', branch = '', format = ''] = match;
  return {
    verb: verb.toLowerCase() as 'start' | 'end' | 'commit' | 'rollback',
    id: xaId(global, branch, Number(format)),
  };
}

/** An XA_PREPARE event; `onePhase`: it is a commit. */
export function readXaPrepare(buffer: Buffer, start: number, end: number): { id: string; onePhase: boolean } {
  const body = new Payload(buffer, start, end);
  const onePhase = body.u8() !== 0;
  const format = body.u32();
  const globalLength = body.u32();
  const branchLength = body.u32();
  const global = body.bytes(globalLength).toString('hex');
  return { id: xaId(global, body.bytes(branchLength).toString('hex'), format), onePhase };
}

function xaId(global: string, branch: string, format: number): string {
  return `${global},${branch},${format}`.toLowerCase();
}
