/** Numbers of the binlog's events (MariaDB's `sql/log_event.h`, "Replication Protocol" in its manual). */

export const EVENT = {
  QUERY: 2,
  STOP: 3,
  ROTATE: 4,
  INTVAR: 5,
  APPEND_BLOCK: 9,
  DELETE_FILE: 11,
  RAND: 13,
  USER_VAR: 14,
  FORMAT_DESCRIPTION: 15,
  XID: 16,
  BEGIN_LOAD_QUERY: 17,
  EXECUTE_LOAD_QUERY: 18,
  TABLE_MAP: 19,
  WRITE_ROWS_V1: 23,
  UPDATE_ROWS_V1: 24,
  DELETE_ROWS_V1: 25,
  INCIDENT: 26,
  HEARTBEAT: 27,
  WRITE_ROWS: 30,
  UPDATE_ROWS: 31,
  DELETE_ROWS: 32,
  XA_PREPARE: 38,
  ANNOTATE_ROWS: 160,
  CHECKPOINT: 161,
  GTID: 162,
  GTID_LIST: 163,
  START_ENCRYPTION: 164,
  QUERY_COMPRESSED: 165,
  WRITE_ROWS_COMPRESSED_V1: 166,
  UPDATE_ROWS_COMPRESSED_V1: 167,
  DELETE_ROWS_COMPRESSED_V1: 168,
  WRITE_ROWS_COMPRESSED: 169,
  UPDATE_ROWS_COMPRESSED: 170,
  DELETE_ROWS_COMPRESSED: 171,
} as const;

/** Flags in an event's header. */
export const EVENT_FLAG = {
  /** Made for this connection: it is in no file. */
  ARTIFICIAL: 0x20,
  /** Whoever does not know it may pass over it. */
  IGNORABLE: 0x80,
} as const;

/** Flags of a GTID event: what kind of group begins. */
export const GTID_FLAG = {
  /** Of one event, with no COMMIT behind it. */
  STANDALONE: 1,
  PREPARED_XA: 0x40,
  COMPLETED_XA: 0x80,
} as const;

/** Columns' types in a table map that are in no client's protocol. */
export const BINLOG_TYPE = {
  TIMESTAMP2: 17,
  DATETIME2: 18,
  TIME2: 19,
  BLOB_COMPRESSED: 140,
  VARCHAR_COMPRESSED: 141,
} as const;
