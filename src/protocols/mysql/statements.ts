/** The prepared statements of one connection, with what clients leave in them between packets: bound types, long data, a cursor. */
import { failure } from '../../errors.ts';
import type { PreparedStatement } from '../../gate/request.ts';
import { MAX_PREPARED_STATEMENTS_PER_SESSION } from '../../limits.ts';
import { ProtocolError, TOO_MANY_STATEMENTS } from '../../util/mysql-packets/protocol-error.ts';
import type { Cursor } from './cursor.ts';
import type { ParameterReader } from './parameters.ts';

export interface OpenStatement {
  readonly id: number;
  readonly prepared: PreparedStatement;
  /** Of the last execution: the next one need not send the types again. */
  readers: readonly ParameterReader[] | null;
  /** The same as they were sent, where a MySQL server takes them. */
  types: Buffer | null;
  longData: Map<number, Buffer[]> | null;
  cursor: Cursor | null;
}

export class OpenStatements {
  readonly #statements = new Map<number, OpenStatement>();
  readonly #maxLongDataBytes: number;
  #longDataBytes = 0;
  #nextId = 1;

  constructor(maxLongDataBytes: number) {
    this.#maxLongDataBytes = maxLongDataBytes;
  }

  /** Throws TOO_MANY_STATEMENTS. */
  add(prepared: PreparedStatement): OpenStatement {
    if (this.#statements.size >= MAX_PREPARED_STATEMENTS_PER_SESSION) throw new ProtocolError(TOO_MANY_STATEMENTS);
    const statement: OpenStatement = {
      id: this.#nextId++,
      prepared,
      readers: null,
      types: null,
      longData: null,
      cursor: null,
    };
    this.#statements.set(statement.id, statement);
    return statement;
  }

  find(id: number): OpenStatement | undefined {
    return this.#statements.get(id);
  }

  /** Throws ER_UNKNOWN_STMT_HANDLER; `caller` is the name in its message. */
  get(id: number, caller: string): OpenStatement {
    const statement = this.#statements.get(id);
    if (statement === undefined) throw failure('ER_UNKNOWN_STMT_HANDLER', id, caller);
    return statement;
  }

  /** The statement must have no cursor any more. */
  remove(statement: OpenStatement): void {
    this.forgetLongData(statement);
    this.#statements.delete(statement.id);
  }

  /** Those whose rows the client may still fetch. */
  cursors(): Cursor[] {
    return [...this.#statements.values()].flatMap((statement) => statement.cursor ?? []);
  }

  clear(): void {
    this.#statements.clear();
    this.#longDataBytes = 0;
  }

  /** Keeps a piece of a parameter's value, a copy. All that a connection keeps counts towards one limit; beyond it execution fails. */
  addLongData(statement: OpenStatement, parameter: number, bytes: Buffer): void {
    this.#longDataBytes += bytes.length;
    statement.longData ??= new Map();
    let pieces = statement.longData.get(parameter);
    if (pieces === undefined) {
      pieces = [];
      statement.longData.set(parameter, pieces);
    }
    if (this.#longDataBytes <= this.#maxLongDataBytes) pieces.push(Buffer.from(bytes));
  }

  /** The parameters sent ahead, which are thereby forgotten. Throws ER_NET_PACKET_TOO_LARGE when they were too long to keep. */
  takeLongData(statement: OpenStatement): ReadonlyMap<number, Buffer> | null {
    const { longData } = statement;
    if (longData === null) return null;
    const isTooLong = this.#longDataBytes > this.#maxLongDataBytes;
    this.forgetLongData(statement);
    if (isTooLong) throw failure('ER_NET_PACKET_TOO_LARGE');
    return new Map(Array.from(longData, ([parameter, pieces]) => [parameter, Buffer.concat(pieces)]));
  }

  forgetLongData(statement: OpenStatement): void {
    if (statement.longData === null) return;
    statement.longData = null;
    this.#longDataBytes = 0;
    for (const other of this.#statements.values()) {
      for (const pieces of other.longData?.values() ?? []) {
        for (const piece of pieces) this.#longDataBytes += piece.length;
      }
    }
  }
}
