/** A prepared statement's parameters on their way to a MySQL server, as the client sent them: only their types, which it need not repeat, are added. */
import { failure } from '../../errors.ts';
import type { SlotValue } from '../../sql/slots.ts';
import type { BoundParameters } from '../../stores/mysql/connection.ts';
import { Payload } from '../../util/mysql-packets/payload.ts';
import { readParameters } from './parameters.ts';
import type { OpenStatement } from './statements.ts';

const TYPES_FOLLOW = 1;
const TYPE_BYTES = 2;

/** What follows the iteration count. Throws ER_WRONG_ARGUMENTS when the types were never sent. */
export function boundParameters(
  statement: OpenStatement,
  payload: Payload,
  longData: ReadonlyMap<number, Buffer> | null,
): BoundParameters {
  const count = statement.prepared.parameterCount;
  if (count === 0) return { bytes: Buffer.alloc(0), longData: null };
  const bitmap = payload.bytes((count + 7) >> 3);
  if (payload.u8() === TYPES_FOLLOW) statement.types = Buffer.from(payload.bytes(count * TYPE_BYTES));
  if (statement.types === null) throw failure('ER_WRONG_ARGUMENTS', 'mysqld_stmt_execute');
  return {
    bytes: Buffer.concat([bitmap, Buffer.of(TYPES_FOLLOW), statement.types, payload.rest()]),
    longData,
  };
}

/** What they are. */
export function boundValues({ prepared }: OpenStatement, { bytes, longData }: BoundParameters): SlotValue[] {
  if (prepared.parameterCount === 0) return [];
  const ahead = longData === null ? null : new Map(Array.from(longData, ([at, value]) => [at, Buffer.from(value)]));
  return readParameters(new Payload(Buffer.from(bytes), 0, bytes.length), prepared.parameterCount, null, ahead).values;
}
