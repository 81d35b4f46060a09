/**
 * Every failure that a client can see: MySQL's errno and SQLSTATE, HTTP's status, Redis' prefix, and whether trying again
 * can help. Texts are MySQL's where MySQL has the error (its manual, "Server Error Message Reference").
 */
interface FailureKind {
  readonly errno: number;
  readonly sqlstate: string;
  readonly http: number;
  readonly retryable?: boolean;
  /** `%s` stands for the arguments in their order. */
  readonly text: string;
}

export const FAILURES = {
  ER_CON_COUNT_ERROR: { errno: 1040, sqlstate: '08004', http: 503, retryable: true, text: 'Too many connections' },
  ER_HANDSHAKE_ERROR: { errno: 1043, sqlstate: '08S01', http: 400, text: 'Bad handshake: %s' },
  ER_NO_SYSTEM_TABLE_ACCESS: {
    errno: 3554,
    sqlstate: 'HY000',
    http: 403,
    text: "Table '%s.%s' belongs to the server: it cannot be dropped, altered or emptied as a whole",
  },
  ER_NON_UPDATABLE_TABLE: {
    errno: 1288,
    sqlstate: 'HY000',
    http: 403,
    text: 'The target table %s of the %s is not updatable',
  },
  ER_DBACCESS_DENIED_ERROR: {
    errno: 1044,
    sqlstate: '42000',
    http: 403,
    text: "Access denied for user '%s'@'%s' to database '%s'",
  },
  ER_ACCESS_DENIED_ERROR: {
    errno: 1045,
    sqlstate: '28000',
    http: 401,
    text: "Access denied for user '%s'@'%s' (using password: %s)",
  },
  ER_NO_DB_ERROR: { errno: 1046, sqlstate: '3D000', http: 400, text: 'No database selected' },
  ER_UNKNOWN_COM_ERROR: { errno: 1047, sqlstate: '08S01', http: 400, text: 'Unknown command' },
  ER_BAD_NULL_ERROR: { errno: 1048, sqlstate: '23000', http: 422, text: "Column '%s' cannot be null" },
  ER_NONEXISTING_GRANT: {
    errno: 1141,
    sqlstate: '42000',
    http: 404,
    text: "There is no such grant defined for user '%s' on host '%s'",
  },
  ER_CANNOT_USER: { errno: 1396, sqlstate: 'HY000', http: 409, text: 'Operation %s failed for %s' },
  ER_TABLEACCESS_DENIED_ERROR: {
    errno: 1142,
    sqlstate: '42000',
    http: 403,
    text: "%s command denied to user '%s'@'%s' for table '%s'",
  },
  ER_BAD_DB_ERROR: { errno: 1049, sqlstate: '42000', http: 404, text: "Unknown database '%s'" },
  ER_TABLE_EXISTS_ERROR: { errno: 1050, sqlstate: '42S01', http: 409, text: "Table '%s' already exists" },
  ER_BAD_TABLE_ERROR: { errno: 1051, sqlstate: '42S02', http: 404, text: "Unknown table '%s'" },
  ER_NON_UNIQ_ERROR: { errno: 1052, sqlstate: '23000', http: 400, text: "Column '%s' in %s is ambiguous" },
  ER_SERVER_SHUTDOWN: {
    errno: 1053,
    sqlstate: '08S01',
    http: 503,
    retryable: true,
    text: 'Server shutdown in progress',
  },
  ER_BAD_FIELD_ERROR: { errno: 1054, sqlstate: '42S22', http: 400, text: "Unknown column '%s' in '%s'" },
  ER_WRONG_FIELD_WITH_GROUP: {
    errno: 1055,
    sqlstate: '42000',
    http: 400,
    text: "Expression #%s of %s is not in GROUP BY clause and contains nonaggregated column '%s' which is not functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by",
  },
  ER_WRONG_GROUP_FIELD: { errno: 1056, sqlstate: '42000', http: 400, text: "Can't group on '%s'" },
  ER_TOO_LONG_IDENT: { errno: 1059, sqlstate: '42000', http: 400, text: "Identifier name '%s' is too long" },
  ER_DUP_FIELDNAME: { errno: 1060, sqlstate: '42S21', http: 400, text: "Duplicate column name '%s'" },
  ER_DUP_KEYNAME: { errno: 1061, sqlstate: '42000', http: 400, text: "Duplicate key name '%s'" },
  ER_DUP_ENTRY: { errno: 1062, sqlstate: '23000', http: 409, text: "Duplicate entry '%s' for key '%s'" },
  ER_PARSE_ERROR: {
    errno: 1064,
    sqlstate: '42000',
    http: 400,
    text: "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '%s' at line %s",
  },
  ER_EMPTY_QUERY: { errno: 1065, sqlstate: '42000', http: 400, text: 'Query was empty' },
  ER_NONUNIQ_TABLE: { errno: 1066, sqlstate: '42000', http: 400, text: "Not unique table/alias: '%s'" },
  ER_INVALID_DEFAULT: { errno: 1067, sqlstate: '42000', http: 400, text: "Invalid default value for '%s'" },
  ER_MULTIPLE_PRI_KEY: { errno: 1068, sqlstate: '42000', http: 400, text: 'Multiple primary key defined' },
  ER_KEY_COLUMN_DOES_NOT_EXITS: {
    errno: 1072,
    sqlstate: '42000',
    http: 400,
    text: "Key column '%s' doesn't exist in table",
  },
  ER_TOO_BIG_FIELDLENGTH: {
    errno: 1074,
    sqlstate: '42000',
    http: 400,
    text: "Column length too big for column '%s' (max = %s); use BLOB or TEXT instead",
  },
  ER_WRONG_AUTO_KEY: {
    errno: 1075,
    sqlstate: '42000',
    http: 400,
    text: 'Incorrect table definition; there can be only one auto column and it must be defined as a key',
  },
  ER_CANT_DROP_FIELD_OR_KEY: {
    errno: 1091,
    sqlstate: '42000',
    http: 400,
    text: "Can't DROP '%s'; check that column/key exists",
  },
  ER_NO_SUCH_THREAD: { errno: 1094, sqlstate: 'HY000', http: 404, text: 'Unknown thread id: %s' },
  ER_UNKNOWN_ERROR: { errno: 1105, sqlstate: 'HY000', http: 500, text: '%s' },
  ER_CANT_REMOVE_ALL_FIELDS: {
    errno: 1090,
    sqlstate: '42000',
    http: 400,
    text: "You can't delete all columns with ALTER TABLE; use DROP TABLE instead",
  },
  ER_UNKNOWN_TABLE: { errno: 1109, sqlstate: '42S02', http: 404, text: "Unknown table '%s' in %s" },
  ER_FIELD_SPECIFIED_TWICE: { errno: 1110, sqlstate: '42000', http: 400, text: "Column '%s' specified twice" },
  ER_INVALID_GROUP_FUNC_USE: { errno: 1111, sqlstate: 'HY000', http: 400, text: 'Invalid use of group function' },
  ER_TABLE_MUST_HAVE_COLUMNS: {
    errno: 1113,
    sqlstate: '42000',
    http: 400,
    text: 'A table must have at least 1 column',
  },
  ER_UNKNOWN_CHARACTER_SET: { errno: 1115, sqlstate: '42000', http: 400, text: "Unknown character set: '%s'" },
  ER_DB_CREATE_EXISTS: {
    errno: 1007,
    sqlstate: 'HY000',
    http: 409,
    text: "Can't create database '%s'; database exists",
  },
  ER_DB_DROP_EXISTS: {
    errno: 1008,
    sqlstate: 'HY000',
    http: 404,
    text: "Can't drop database '%s'; database doesn't exist",
  },
  ER_DISK_FULL: {
    errno: 1021,
    sqlstate: 'HY000',
    http: 507,
    retryable: true,
    text: 'Disk full (%s); nothing of the statement was kept',
  },
  ER_DUP_KEY: { errno: 1022, sqlstate: '23000', http: 409, text: "Can't write; duplicate key in table '%s'" },
  ER_WRONG_VALUE_COUNT_ON_ROW: {
    errno: 1136,
    sqlstate: '21S01',
    http: 400,
    text: "Column count doesn't match value count at row %s",
  },
  ER_CANT_USE_NULL_PK: {
    errno: 1171,
    sqlstate: '42000',
    http: 400,
    text: 'All parts of a PRIMARY KEY must be NOT NULL; if you need NULL in a key, use UNIQUE instead',
  },
  ER_NO_SUCH_TABLE: { errno: 1146, sqlstate: '42S02', http: 404, text: "Table '%s.%s' doesn't exist" },
  ER_NET_PACKET_TOO_LARGE: {
    errno: 1153,
    sqlstate: '08S01',
    http: 413,
    text: "Got a packet bigger than 'max_allowed_packet' bytes",
  },
  ER_KEY_DOES_NOT_EXIST: { errno: 1176, sqlstate: '42000', http: 400, text: "Key '%s' doesn't exist in table '%s'" },
  ER_OPTION_PREVENTS_STATEMENT: {
    errno: 1290,
    sqlstate: 'HY000',
    http: 403,
    text: 'The server is running with the %s option so it cannot execute this statement',
  },
  ER_UNKNOWN_SYSTEM_VARIABLE: { errno: 1193, sqlstate: 'HY000', http: 400, text: "Unknown system variable '%s'" },
  ER_LOCK_WAIT_TIMEOUT: {
    errno: 1205,
    sqlstate: 'HY000',
    http: 503,
    retryable: true,
    text: 'Lock wait timeout exceeded; try restarting transaction',
  },
  ER_WRONG_ARGUMENTS: { errno: 1210, sqlstate: 'HY000', http: 400, text: 'Incorrect arguments to %s' },
  ER_LOCK_DEADLOCK: {
    errno: 1213,
    sqlstate: '40001',
    http: 409,
    retryable: true,
    text: '%s; try restarting transaction',
  },
  ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT: {
    errno: 1222,
    sqlstate: '21000',
    http: 400,
    text: 'The used SELECT statements have a different number of columns',
  },
  ER_SPECIFIC_ACCESS_DENIED_ERROR: {
    errno: 1227,
    sqlstate: '42000',
    http: 403,
    text: 'Access denied; you need (at least one of) the %s privilege(s) for this operation',
  },
  ER_NO_DEFAULT: { errno: 1230, sqlstate: '42000', http: 400, text: "Variable '%s' doesn't have a default value" },
  ER_WRONG_VALUE_FOR_VAR: {
    errno: 1231,
    sqlstate: '42000',
    http: 400,
    text: "Variable '%s' can't be set to the value of '%s'",
  },
  ER_WRONG_TYPE_FOR_VAR: {
    errno: 1232,
    sqlstate: '42000',
    http: 400,
    text: "Incorrect argument type to variable '%s'",
  },
  ER_NOT_SUPPORTED_YET: {
    errno: 1235,
    sqlstate: '42000',
    http: 501,
    text: "This version of Sluice doesn't yet support '%s'",
  },
  ER_INCORRECT_GLOBAL_LOCAL_VAR: { errno: 1238, sqlstate: 'HY000', http: 400, text: "Variable '%s' is a %s variable" },
  ER_OPERAND_COLUMNS: { errno: 1241, sqlstate: '21000', http: 400, text: 'Operand should contain %s column(s)' },
  ER_SUBQUERY_NO_1_ROW: { errno: 1242, sqlstate: '21000', http: 400, text: 'Subquery returns more than 1 row' },
  ER_UNKNOWN_STMT_HANDLER: {
    errno: 1243,
    sqlstate: 'HY000',
    http: 400,
    text: 'Unknown prepared statement handler (%s) given to %s',
  },
  ER_ILLEGAL_REFERENCE: { errno: 1247, sqlstate: '42S22', http: 400, text: "Reference '%s' not supported (%s)" },
  ER_DERIVED_MUST_HAVE_ALIAS: {
    errno: 1248,
    sqlstate: '42000',
    http: 400,
    text: 'Every derived table must have its own alias',
  },
  ER_WARN_DATA_OUT_OF_RANGE: {
    errno: 1264,
    sqlstate: '22003',
    http: 422,
    text: "Out of range value for column '%s' at row %s",
  },
  WARN_DATA_TRUNCATED: { errno: 1265, sqlstate: '01000', http: 422, text: "Data truncated for column '%s' at row %s" },
  ER_UNKNOWN_COLLATION: { errno: 1273, sqlstate: 'HY000', http: 400, text: "Unknown collation: '%s'" },
  ER_TRUNCATED_WRONG_VALUE: {
    errno: 1292,
    sqlstate: '22007',
    http: 422,
    text: "Incorrect %s value: '%s' for column '%s' at row %s",
  },
  ER_SP_DOES_NOT_EXIST: { errno: 1305, sqlstate: '42000', http: 400, text: '%s %s does not exist' },
  ER_QUERY_INTERRUPTED: { errno: 1317, sqlstate: '70100', http: 499, text: 'Query execution was interrupted' },
  ER_PROCACCESS_DENIED_ERROR: {
    errno: 1370,
    sqlstate: '42000',
    http: 403,
    text: "%s command denied to user '%s'@'%s' for routine '%s'",
  },
  ER_NO_DEFAULT_FOR_FIELD: {
    errno: 1364,
    sqlstate: 'HY000',
    http: 422,
    text: "Field '%s' doesn't have a default value",
  },
  ER_DIVISION_BY_ZERO: { errno: 1365, sqlstate: '22012', http: 422, text: 'Division by 0' },
  ER_TRUNCATED_WRONG_VALUE_FOR_FIELD: {
    errno: 1366,
    sqlstate: 'HY000',
    http: 422,
    text: "Incorrect %s value: '%s' for column '%s' at row %s",
  },
  ER_DATA_TOO_LONG: { errno: 1406, sqlstate: '22001', http: 422, text: "Data too long for column '%s' at row %s" },
  ER_INVALID_CHARACTER_STRING: {
    errno: 1300,
    sqlstate: 'HY000',
    http: 400,
    text: "Invalid utf8mb4 character string: '%s'",
  },
  ER_NO_SUCH_USER_VARIABLE: { errno: 1193, sqlstate: 'HY000', http: 400, text: "Unknown variable '%s'" },
  ER_CANNOT_ADD_FOREIGN: { errno: 1215, sqlstate: 'HY000', http: 409, text: 'Cannot add foreign key constraint: %s' },
  ER_ROW_IS_REFERENCED_2: {
    errno: 1451,
    sqlstate: '23000',
    http: 409,
    text: 'Cannot delete or update a parent row: a foreign key constraint fails (%s)',
  },
  ER_NO_REFERENCED_ROW_2: {
    errno: 1452,
    sqlstate: '23000',
    http: 409,
    text: 'Cannot add or update a child row: a foreign key constraint fails (%s)',
  },
  ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT: {
    errno: 1582,
    sqlstate: '42000',
    http: 400,
    text: "Incorrect parameter count in the call to native function '%s'",
  },
  ER_DATA_OUT_OF_RANGE: { errno: 1690, sqlstate: '22003', http: 422, text: "%s value is out of range in '%s'" },
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: {
    errno: 1792,
    sqlstate: '25006',
    http: 400,
    text: 'Cannot execute statement in a READ ONLY transaction.',
  },
  ER_FK_CANNOT_DROP_PARENT: {
    errno: 3730,
    sqlstate: 'HY000',
    http: 409,
    text: "Cannot drop table '%s' referenced by a foreign key constraint '%s' on table '%s'.",
  },
  ER_LOCK_NOWAIT: {
    errno: 3572,
    sqlstate: 'HY000',
    http: 503,
    retryable: true,
    text: 'Statement aborted because lock(s) could not be acquired immediately and NOWAIT is set.',
  },
  ER_CHECK_CONSTRAINT_VIOLATED: {
    errno: 3819,
    sqlstate: 'HY000',
    http: 422,
    text: "Check constraint '%s' is violated.",
  },
  ER_SP_UNDECLARED_VAR: { errno: 1327, sqlstate: '42000', http: 400, text: 'Undeclared variable: %s' },
  ER_MIX_OF_GROUP_FUNC_AND_FIELDS: {
    errno: 1140,
    sqlstate: '42000',
    http: 400,
    text: "In aggregated query without GROUP BY, expression #%s of SELECT list contains nonaggregated column '%s'; this is incompatible with sql_mode=only_full_group_by",
  },
  ER_FIELD_IN_ORDER_NOT_SELECT: {
    errno: 3065,
    sqlstate: 'HY000',
    http: 400,
    text: "Expression #%s of ORDER BY clause is not in SELECT list, references column '%s' which is not in SELECT list; this is incompatible with %s",
  },
  ER_INVALID_JSON_TEXT: { errno: 3140, sqlstate: '22032', http: 422, text: 'Invalid JSON text: %s' },
  ER_INVALID_JSON_PATH: { errno: 3143, sqlstate: '42000', http: 400, text: 'Invalid JSON path expression: %s' },
  ER_REGEXP_ERROR: { errno: 3685, sqlstate: 'HY000', http: 400, text: 'Illegal argument to a regular expression: %s' },
  ER_WRONG_VALUE: { errno: 1525, sqlstate: 'HY000', http: 400, text: "Incorrect %s value: '%s'" },
  ER_BAD_PARAMETER: { errno: 1210, sqlstate: 'HY000', http: 400, text: '%s' },
  ER_QUERY_TIMEOUT: {
    errno: 3024,
    sqlstate: 'HY000',
    http: 504,
    text: 'Query execution was interrupted, maximum statement execution time exceeded',
  },
  /** The writer died between a commit and its report. */
  SLUICE_OUTCOME_UNKNOWN: {
    errno: 1105,
    sqlstate: 'HY000',
    http: 503,
    text: 'The writer process ended while this statement was being committed; it may or may not have taken effect',
  },
  SLUICE_READER_LOST: {
    errno: 1105,
    sqlstate: 'HY000',
    http: 503,
    retryable: true,
    text: 'The reader process running this statement ended; try again',
  },
  /** What a MySQL server behind Sluice answered where Sluice has no error of that number: see SourceError. */
  SLUICE_SOURCE_ERROR: { errno: 1105, sqlstate: 'HY000', http: 500, text: '%s' },
  SLUICE_SOURCE_UNAVAILABLE: {
    errno: 1429,
    sqlstate: 'HY000',
    http: 503,
    retryable: true,
    text: 'The MySQL server behind Sluice cannot be reached: %s',
  },
  SLUICE_MIRROR_BEHIND: {
    errno: 1105,
    sqlstate: 'HY000',
    http: 503,
    retryable: true,
    text: 'The mirror of %s is not up to date: %s; try again',
  },
  SLUICE_MIRROR_SOURCE: {
    errno: 1105,
    sqlstate: 'HY000',
    http: 500,
    text: 'The MySQL server %s cannot be mirrored: %s',
  },
  SLUICE_SOURCE_CUT_OFF: { errno: 1047, sqlstate: '08S01', http: 503, retryable: true, text: '%s' },
  SLUICE_SOURCE_LOST: {
    errno: 1158,
    sqlstate: '08S01',
    http: 503,
    retryable: true,
    text: 'The connection to the MySQL server behind Sluice was lost (%s); nothing was changed, try again',
  },
  SLUICE_SOURCE_OUTCOME_UNKNOWN: {
    errno: 1105,
    sqlstate: 'HY000',
    http: 503,
    text: 'The connection to the MySQL server behind Sluice was lost (%s) while this statement ran; it may or may not have taken effect',
  },
  SLUICE_TRANSACTION_LOST: {
    errno: 1213,
    sqlstate: '40001',
    http: 409,
    retryable: true,
    text: 'The transaction was rolled back: %s; try restarting transaction',
  },
  SLUICE_SESSION_STATE_LOST: {
    errno: 1158,
    sqlstate: '08S01',
    http: 503,
    retryable: true,
    text: 'The connection to the MySQL server behind Sluice was lost, and with it what this session kept there: %s',
  },
  SLUICE_POOL_FULL: {
    errno: 1040,
    sqlstate: '08004',
    http: 503,
    retryable: true,
    text: 'pool_full: all %s connections of the %s pool were in use for %s ms; try again',
  },
  SLUICE_SOURCE_CONNECTIONS: {
    errno: 1040,
    sqlstate: '08004',
    http: 503,
    retryable: true,
    text: 'pool_full: all %s connections to the MySQL server were in use for %s ms (source_connections); try again',
  },
  SLUICE_HOT_ROW: {
    errno: 1205,
    sqlstate: 'HY000',
    http: 503,
    retryable: true,
    text: 'hot row: %s statements wait already for the same row of %s; try again',
  },
  SLUICE_BAD_KEY: { errno: 1105, sqlstate: '42000', http: 400, text: "Key '%s': %s" },
  SLUICE_BAD_PATTERN: { errno: 1105, sqlstate: '42000', http: 400, text: "Pattern '%s': %s" },
  SLUICE_BAD_KEY_VALUE: { errno: 1105, sqlstate: '22000', http: 422, text: "The value of key '%s' %s" },
  SLUICE_KEY_TYPE: { errno: 1105, sqlstate: '22018', http: 422, text: "Key '%s' holds a value of type %s, not %s" },
  SLUICE_NO_SUCH_KEY: { errno: 1105, sqlstate: '02000', http: 404, text: "Key '%s' is not there" },
  /** A text that is no number where one is needed, or one out of range; texts are Redis'. */
  SLUICE_KEY_NUMBER: { errno: 1105, sqlstate: '22018', http: 422, text: '%s' },
  SLUICE_POINTER_LOOP: { errno: 1105, sqlstate: '40002', http: 409, text: 'Pointers lead in a circle: %s' },
  /** What Redis' protocol cannot go on after; texts are Redis'. */
  SLUICE_REDIS_PROTOCOL: { errno: 1105, sqlstate: '08S01', http: 400, text: 'Protocol error: %s' },
  /** A rule of the gate refused the statement. */
  SLUICE_NOT_SEEN_THROUGH: {
    errno: 1227,
    sqlstate: '42000',
    http: 403,
    text: 'Access denied; you need (at least one of) the %s privilege(s) for this operation, as %s',
  },
  SLUICE_TABLES_UNKNOWN: {
    errno: 1227,
    sqlstate: '42000',
    http: 403,
    text: 'Access denied: which tables the statement uses cannot be told (%s), so it is for administrators',
  },
  SLUICE_RULE: { errno: 1105, sqlstate: '42000', http: 403, text: "Refused by rule '%s': %s" },
  SLUICE_RULE_RETRY: { errno: 1105, sqlstate: 'HY000', http: 503, retryable: true, text: "Refused by rule '%s': %s" },
  SLUICE_JSON_DOCUMENT: { errno: 1105, sqlstate: '08S01', http: 400, text: 'A JSON document: %s' },
  SLUICE_UNKNOWN_SIGN: {
    errno: 1045,
    sqlstate: '28000',
    http: 401,
    text: 'The sign is not known here: it has expired, its user has changed, or it was given to another host; log in again',
  },
  SLUICE_BYTE_LIMIT: { errno: 1105, sqlstate: 'HY000', http: 413, text: 'result size exceeded %s bytes' },
  SLUICE_DML_ROW_LIMIT: {
    errno: 1105,
    sqlstate: 'HY000',
    http: 413,
    text: 'row count exceeded %s (max_dml_rows); nothing was changed',
  },
  SLUICE_TX_POOL_FULL: {
    errno: 1040,
    sqlstate: '08004',
    http: 503,
    retryable: true,
    text: 'tx_pool_full: %s transactions are open (transaction_cap), and none ended within %s ms (transaction_wait_ms)',
  },
  SLUICE_WRITE_QUEUE_FULL: {
    errno: 1105,
    sqlstate: 'HY000',
    http: 503,
    retryable: true,
    text: 'write_queue_full: %s statements and transactions wait for the writer already (write_queue)',
  },
  SLUICE_SESSION_LOST: { errno: 1105, sqlstate: '08003', http: 404, text: 'The session is gone: %s' },
  /** A list in front of a MySQL server that its SQL cannot say exactly. */
  SLUICE_LIST_ROWS: {
    errno: 1105,
    sqlstate: 'HY000',
    http: 413,
    text: 'More than %s rows would have to be looked at one by one, for %s; give further conditions that leave fewer',
  },
  SLUICE_ROW_LIMIT: { errno: 1105, sqlstate: 'HY000', http: 413, text: 'row count exceeded %s' },
  SLUICE_STALE_PLAN: {
    errno: 1105,
    sqlstate: 'HY000',
    http: 503,
    retryable: true,
    text: 'The schema changed while this statement was planned; try again',
  },
} as const satisfies Record<string, FailureKind>;

export type FailureCode = keyof typeof FAILURES;

/** A failure in a form that survives a process boundary. */
export interface SerializedFailure {
  readonly code: FailureCode;
  readonly message: string;
}

/** The one class of expected failures. A broken invariant is an AssertionError instead. */
export class SluiceError extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string) {
    super(message);
    this.name = 'SluiceError';
    this.code = code;
  }

  get errno(): number {
    return FAILURES[this.code].errno;
  }

  get sqlstate(): string {
    return FAILURES[this.code].sqlstate;
  }

  get httpStatus(): number {
    return FAILURES[this.code].http;
  }

  get retryable(): boolean {
    const kind: FailureKind = FAILURES[this.code];
    return kind.retryable ?? false;
  }

  serialize(): SerializedFailure {
    return { code: this.code, message: this.message };
  }
}

/** What a MySQL server behind Sluice answered: its own number, SQLSTATE and text. */
export class SourceError extends SluiceError {
  readonly #errno: number;
  readonly #sqlstate: string;

  constructor(errno: number, sqlstate: string, message: string) {
    // A node of Galera that is cut off from the others gives the number of an unknown command.
    super(errno === 1047 && message.startsWith('WSREP') ? 'SLUICE_SOURCE_CUT_OFF' : codeOf(errno), message);
    this.#errno = errno;
    this.#sqlstate = sqlstate;
  }

  override get errno(): number {
    return this.#errno;
  }

  override get sqlstate(): string {
    return this.#sqlstate;
  }
}

const CODES = new Map<number, FailureCode>();

/** The failure of that number; those that share 1105 are told apart by their names alone. */
function codeOf(errno: number): FailureCode {
  if (CODES.size === 0) {
    for (const [code, { errno: number }] of Object.entries(FAILURES)) {
      if (code.startsWith('ER_') && !CODES.has(number)) CODES.set(number, code as FailureCode);
    }
    CODES.delete(FAILURES.ER_UNKNOWN_ERROR.errno);
  }
  return CODES.get(errno) ?? 'SLUICE_SOURCE_ERROR';
}

/** Makes (does not throw) the failure `code`, its `%s` filled with `args` in order. */
export function failure(code: FailureCode, ...args: readonly (string | number | bigint)[]): SluiceError {
  let next = 0;
  const message = FAILURES[code].text.replaceAll('%s', () => String(args[next++] ?? ''));
  return new SluiceError(code, message);
}

export function deserializeFailure(data: SerializedFailure): SluiceError {
  return new SluiceError(data.code, data.message);
}

/** Anything that was thrown, as a failure that can be shown: unexpected errors become 1105 with their message. */
export function asFailure(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  return new SluiceError('ER_UNKNOWN_ERROR', thrown instanceof Error ? thrown.message : String(thrown));
}
