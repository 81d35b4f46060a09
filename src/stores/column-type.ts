/**
 * MySQL's types, and the form in which each is stored.
 *
 * | type                        | stored as                                                                  |
 * |-----------------------------|----------------------------------------------------------------------------|
 * | integers, YEAR              | INTEGER; BIGINT UNSIGNED beyond 2^63-1 as TEXT of 20 digits (sorts after)   |
 * | DECIMAL(p<=18, s)           | INTEGER, the value times 10^s                                               |
 * | FLOAT, DOUBLE               | REAL                                                                        |
 * | CHAR, VARCHAR, TEXT family  | TEXT, COLLATE NOCASE for `_ci` collations, BINARY for `_bin`                |
 * | BINARY, VARBINARY, BLOBs    | BLOB                                                                        |
 * | DATE                        | TEXT `YYYY-MM-DD`                                                           |
 * | DATETIME, TIMESTAMP (fsp)   | TEXT `YYYY-MM-DD HH:MM:SS[.f...]`, always fsp digits; TIMESTAMP in UTC      |
 * | TIME (fsp)                  | INTEGER microseconds, negative below zero                                   |
 * | ENUM                        | INTEGER, 1 for the first value, 0 for the error value ''                    |
 * | SET                         | INTEGER, one bit a value                                                    |
 * | BIT                         | INTEGER                                                                     |
 * | JSON                        | TEXT, normalised                                                            |
 */
export type TypeName =
  | 'tinyint'
  | 'smallint'
  | 'mediumint'
  | 'int'
  | 'bigint'
  | 'year'
  | 'bit'
  | 'decimal'
  | 'float'
  | 'double'
  | 'char'
  | 'varchar'
  | 'tinytext'
  | 'text'
  | 'mediumtext'
  | 'longtext'
  | 'binary'
  | 'varbinary'
  | 'tinyblob'
  | 'blob'
  | 'mediumblob'
  | 'longblob'
  | 'date'
  | 'time'
  | 'datetime'
  | 'timestamp'
  | 'enum'
  | 'set'
  | 'json'
  | 'null';

export interface ColumnType {
  readonly name: TypeName;
  readonly unsigned?: boolean;
  /** Integers: display width (only TINYINT(1) matters). Character types: characters. Binary types: bytes. BIT: bits. */
  readonly length?: number;
  /** DECIMAL: all digits. */
  readonly precision?: number;
  /** DECIMAL: digits after the point. Temporal types: fractional second digits, 0 to 6. FLOAT/DOUBLE(M,D): D. */
  readonly scale?: number;
  /** Character types, ENUM and SET only. Absent means the default, utf8mb4_0900_ai_ci. */
  readonly collation?: string;
  /** Character types: the store keeps each value as what it is (a number as a number); SQL sees and writes its text. Of system tables only. */
  readonly asGiven?: true;
  /** ENUM and SET: the values in order. */
  readonly values?: readonly string[];
}
