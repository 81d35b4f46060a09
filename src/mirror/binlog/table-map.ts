/** TABLE_MAP events: which table the rows behind them belong to, and how its columns are written. */
import { FIELD_TYPE } from '../../util/mysql-packets/constants.ts';
import { Payload } from '../../util/mysql-packets/payload.ts';
import { BINLOG_TYPE } from './event-type.ts';

export interface MappedColumn {
  /** FIELD_TYPE or BINLOG_TYPE. */
  readonly type: number;
  /** Its metadata: one byte, or two, the first in the lower bits. */
  readonly meta: number;
}

const META_BYTES: Readonly<Record<number, number>> = {
  [FIELD_TYPE.FLOAT]: 1,
  [FIELD_TYPE.DOUBLE]: 1,
  [FIELD_TYPE.VARCHAR]: 2,
  [FIELD_TYPE.BIT]: 2,
  [BINLOG_TYPE.TIMESTAMP2]: 1,
  [BINLOG_TYPE.DATETIME2]: 1,
  [BINLOG_TYPE.TIME2]: 1,
  [BINLOG_TYPE.BLOB_COMPRESSED]: 1,
  [BINLOG_TYPE.VARCHAR_COMPRESSED]: 2,
  [FIELD_TYPE.JSON]: 1,
  [FIELD_TYPE.NEWDECIMAL]: 2,
  [FIELD_TYPE.ENUM]: 2,
  [FIELD_TYPE.SET]: 2,
  [FIELD_TYPE.TINY_BLOB]: 1,
  [FIELD_TYPE.MEDIUM_BLOB]: 1,
  [FIELD_TYPE.LONG_BLOB]: 1,
  [FIELD_TYPE.BLOB]: 1,
  [FIELD_TYPE.VAR_STRING]: 2,
  [FIELD_TYPE.STRING]: 2,
  [FIELD_TYPE.GEOMETRY]: 1,
};

/** An event's id of a table: 48 bits. */
export function tableId(buffer: Buffer, at: number): number {
  return buffer.readUIntLE(at, 6);
}

/** Behind the id and the flags: database and table. */
export function mappedName(body: Payload): { database: string; table: string } {
  const database = name(body);
  return { database, table: name(body) };
}

function name(body: Payload): string {
  const text = body.bytes(body.u8()).toString('utf8');
  body.skip(1);
  return text;
}

/** Behind the names. */
export function mappedColumns(body: Payload): MappedColumn[] {
  const types = body.bytes(body.lenencInteger());
  const meta = new Payload(body.lenencBytes());
  return Array.from(types, (type) => {
    const bytes = META_BYTES[type] ?? 0;
    return { type, meta: bytes === 0 ? 0 : bytes === 1 ? meta.u8() : meta.u16() };
  });
}
