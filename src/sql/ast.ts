/**
 * The abstract syntax tree of MySQL's dialect: what the parser makes and the binder reads. Nothing here is resolved:
 * names are as written, literals are slots (see below), types are unknown.
 *
 * A *slot* is a place where a value was written (a literal) or will be given (`?`, `:name`). Slots are numbered in
 * the order of the text. Their values are not in the tree, so that one tree and one plan serve every statement of the same
 * fingerprint. NULL, TRUE and FALSE are not slots.
 */
import type { ColumnType } from '../stores/column-type.ts';

export interface SlotExpression {
  readonly kind: 'slot';
  readonly index: number;
  /** `::name`: stands for a list of values (`IN ::ids`). */
  readonly list?: boolean;
}
export interface ColumnReference {
  readonly kind: 'column';
  readonly database?: string;
  readonly table?: string;
  readonly name: string;
}
export interface FunctionCall {
  readonly kind: 'call';
  /**
   * Upper case. Special syntaxes arrive as plain calls:
   *
   * | text                                   | call                                               |
   * |----------------------------------------|----------------------------------------------------|
   * | CURRENT_DATE, UTC_TIME, LOCALTIME ...   | as written, no argument; LOCALTIME(3): one         |
   * | EXTRACT(unit FROM x)                   | EXTRACT(unit, x)                                   |
   * | TIMESTAMPADD(unit, n, x)               | TIMESTAMPADD(unit, n, x)                           |
   * | DATE_ADD(x, INTERVAL n unit)           | DATE_ADD(x, interval)                              |
   * | SUBSTRING(s FROM a FOR b), SUBSTR, MID | SUBSTRING(s, a, b)                                 |
   * | TRIM([BOTH] r FROM s), TRIM(s)         | TRIM(s, r), TRIM(s); LEADING: LTRIM, TRAILING: RTRIM |
   * | POSITION(a IN b)                       | LOCATE(a, b)                                       |
   * | a SOUNDS LIKE b                        | SOUNDEX(a) = SOUNDEX(b)                            |
   * | a MEMBER OF (b)                        | MEMBER OF(a, b)                                    |
   * | CHAR(a USING c)                        | CHAR(a) in a convert-using                         |
   * | GET_FORMAT(DATE, x)                    | GET_FORMAT(column DATE, x)                         |
   * | a || b under PIPES_AS_CONCAT           | CONCAT(a, b)                                       |
   */
  readonly name: string;
  readonly args: readonly Expression[];
  /** COUNT(*) */
  readonly star?: boolean;
  readonly distinct?: boolean;
  /** GROUP_CONCAT */
  readonly orderBy?: readonly OrderItem[];
  readonly separator?: Expression;
  readonly over?: WindowSpecification | string;
}
export interface WindowSpecification {
  /** A named window that this one extends. */
  readonly base?: string;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame?: WindowFrame;
}
export interface WindowFrame {
  readonly unit: 'rows' | 'range' | 'groups';
  readonly start: WindowBound;
  readonly end?: WindowBound;
}
export type WindowBound =
  | { readonly kind: 'unbounded-preceding' | 'unbounded-following' | 'current-row' }
  | { readonly kind: 'preceding' | 'following'; readonly value: Expression };

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | 'div'
  | 'mod'
  | '&'
  | '|'
  | '^'
  | '<<'
  | '>>'
  | '='
  | '<=>'
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | 'and'
  | 'or'
  | 'xor'
  | '->'
  | '->>';

export type IntervalUnit =
  | 'microsecond'
  | 'second'
  | 'minute'
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | 'quarter'
  | 'year'
  | 'second_microsecond'
  | 'minute_microsecond'
  | 'minute_second'
  | 'hour_microsecond'
  | 'hour_second'
  | 'hour_minute'
  | 'day_microsecond'
  | 'day_second'
  | 'day_minute'
  | 'day_hour'
  | 'year_month';

export type Expression =
  | SlotExpression
  | ColumnReference
  | FunctionCall
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'unary'; readonly op: '-' | '+' | '~' | 'not' | 'binary'; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly op: BinaryOperator; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'like';
      readonly operand: Expression;
      readonly pattern: Expression;
      readonly escape?: Expression;
      readonly negated: boolean;
    }
  | { readonly kind: 'regexp'; readonly operand: Expression; readonly pattern: Expression; readonly negated: boolean }
  | {
      readonly kind: 'between';
      readonly operand: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'in-list';
      readonly operand: Expression;
      readonly items: readonly Expression[];
      readonly negated: boolean;
    }
  | { readonly kind: 'in-query'; readonly operand: Expression; readonly query: Query; readonly negated: boolean }
  | {
      readonly kind: 'is';
      readonly operand: Expression;
      readonly test: 'null' | 'true' | 'false' | 'unknown';
      readonly negated: boolean;
    }
  | { readonly kind: 'exists'; readonly query: Query }
  | { readonly kind: 'subquery'; readonly query: Query }
  | {
      readonly kind: 'quantified';
      readonly op: BinaryOperator;
      readonly left: Expression;
      readonly quantifier: 'any' | 'all';
      readonly query: Query;
    }
  | {
      readonly kind: 'case';
      readonly operand?: Expression;
      readonly branches: readonly { readonly when: Expression; readonly result: Expression }[];
      readonly otherwise?: Expression;
    }
  | { readonly kind: 'cast'; readonly operand: Expression; readonly type: ColumnType }
  /** CONVERT(x USING charset) */
  | { readonly kind: 'convert-using'; readonly operand: Expression; readonly charset: string }
  | { readonly kind: 'collate'; readonly operand: Expression; readonly collation: string }
  /** _utf8mb4'text' */
  | { readonly kind: 'introducer'; readonly charset: string; readonly operand: Expression }
  /** Only as an argument of date arithmetic: `d + INTERVAL 1 DAY` is binary '+' with this on one side. */
  | { readonly kind: 'interval'; readonly value: Expression; readonly unit: IntervalUnit }
  /** EXTRACT(unit FROM x) and TIMESTAMPDIFF(unit, ...) have this as their first argument. */
  | { readonly kind: 'unit'; readonly unit: IntervalUnit }
  /** DATE '2020-01-01', TIME '...', TIMESTAMP '...' */
  | { readonly kind: 'temporal-literal'; readonly type: 'date' | 'time' | 'datetime'; readonly operand: SlotExpression }
  | { readonly kind: 'user-variable'; readonly name: string }
  | { readonly kind: 'assign-variable'; readonly name: string; readonly value: Expression }
  /** @@x, @@session.x, @@global.x; name in lower case */
  | { readonly kind: 'system-variable'; readonly scope?: 'global' | 'session'; readonly name: string }
  | { readonly kind: 'row'; readonly items: readonly Expression[] }
  /** DEFAULT as a value, or DEFAULT(column) */
  | { readonly kind: 'default'; readonly column?: string }
  /** VALUES(column) within ON DUPLICATE KEY UPDATE */
  | { readonly kind: 'inserted-value'; readonly column: string }
  | {
      readonly kind: 'match';
      readonly columns: readonly ColumnReference[];
      readonly against: Expression;
      readonly mode: 'natural' | 'boolean' | 'expansion';
    };

export interface OrderItem {
  readonly expression: Expression;
  readonly descending: boolean;
}

export interface SelectItem {
  readonly expression: Expression | { readonly kind: 'star'; readonly database?: string; readonly table?: string };
  readonly alias?: string;
  /** The item's text as written: the column's name where there is no alias. */
  readonly text: string;
}

export interface TableName {
  readonly database?: string;
  readonly name: string;
}

export interface IndexHint {
  readonly action: 'use' | 'force' | 'ignore';
  readonly names: readonly string[];
}

export type TableReference =
  | { readonly kind: 'table'; readonly name: TableName; readonly alias?: string; readonly hints: readonly IndexHint[] }
  | {
      readonly kind: 'derived';
      readonly query: Query;
      readonly alias: string;
      readonly columns?: readonly string[];
      readonly lateral: boolean;
    }
  | {
      readonly kind: 'join';
      readonly type: 'inner' | 'cross' | 'left' | 'right' | 'straight';
      readonly natural: boolean;
      readonly left: TableReference;
      readonly right: TableReference;
      readonly on?: Expression;
      readonly using?: readonly string[];
    };

export interface CommonTable {
  readonly name: string;
  readonly columns?: readonly string[];
  readonly query: Query;
}

export interface Limit {
  readonly count: Expression;
  readonly offset?: Expression;
}

export interface SelectQuery {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly calcFoundRows: boolean;
  /** Optimizer hints, what is between the comment's plus and its end; part of the fingerprint. */
  readonly hint?: string;
  readonly items: readonly SelectItem[];
  /** Comma joins arrive as cross joins. Absent: no FROM, or FROM DUAL. */
  readonly from?: TableReference;
  readonly where?: Expression;
  readonly groupBy: readonly OrderItem[];
  readonly rollup: boolean;
  readonly having?: Expression;
  readonly windows: readonly { readonly name: string; readonly window: WindowSpecification }[];
}

export interface ValuesQuery {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
}

export interface SetOperation {
  readonly kind: 'set-operation';
  readonly op: 'union' | 'intersect' | 'except';
  readonly all: boolean;
  readonly left: QueryBody;
  readonly right: QueryBody;
}

/** A parenthesised query inside a set operation keeps its own ORDER BY and LIMIT. */
export type QueryBody = SelectQuery | ValuesQuery | SetOperation | Query;

/** A whole query expression. */
export interface Query {
  readonly kind: 'query';
  readonly with: readonly CommonTable[];
  readonly recursive: boolean;
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly limit?: Limit;
  readonly lock?: { readonly mode: 'update' | 'share'; readonly wait?: 'nowait' | 'skip-locked' };
  /** SELECT ... INTO @a, @b */
  readonly into?: readonly string[];
}

export interface Assignment {
  readonly column: ColumnReference;
  readonly value: Expression;
}

export interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable?: boolean;
  readonly default?: Expression;
  readonly onUpdate?: Expression;
  readonly autoIncrement?: boolean;
  readonly primaryKey?: boolean;
  readonly unique?: boolean;
  readonly comment?: string;
  readonly generated?: { readonly expression: Expression; readonly stored: boolean; readonly text: string };
  readonly check?: { readonly name?: string; readonly expression: Expression; readonly text: string };
  readonly references?: ReferencesSpec;
  /** Text of a parenthesised default expression, as written. */
  readonly defaultText?: string;
}

export interface IndexPartSpec {
  readonly column?: string;
  readonly expression?: Expression;
  readonly length?: number;
  readonly descending: boolean;
}

export interface ReferencesSpec {
  readonly table: TableName;
  readonly columns: readonly string[];
  readonly onDelete?: 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';
  readonly onUpdate?: 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';
}

export type TableElement =
  | { readonly kind: 'column'; readonly column: ColumnSpec }
  | { readonly kind: 'primary-key'; readonly parts: readonly IndexPartSpec[] }
  | {
      readonly kind: 'index';
      readonly name?: string;
      readonly type: 'index' | 'unique' | 'fulltext' | 'spatial';
      readonly parts: readonly IndexPartSpec[];
      readonly comment?: string;
    }
  | {
      readonly kind: 'foreign-key';
      readonly name?: string;
      readonly columns: readonly string[];
      readonly references: ReferencesSpec;
    }
  | { readonly kind: 'check'; readonly name?: string; readonly expression: Expression; readonly text: string };

/** ENGINE, CHARSET, COLLATE, COMMENT, AUTO_INCREMENT ...: names in lower case (`default charset` is `charset`). */
export type TableOptions = Readonly<Record<string, string>>;

export type ColumnPlace = { readonly kind: 'first' } | { readonly kind: 'after'; readonly column: string };

export type AlterAction =
  | { readonly kind: 'add-column'; readonly column: ColumnSpec; readonly place?: ColumnPlace }
  | { readonly kind: 'drop-column'; readonly name: string }
  /** MODIFY (same name) and CHANGE */
  | { readonly kind: 'change-column'; readonly name: string; readonly column: ColumnSpec; readonly place?: ColumnPlace }
  | { readonly kind: 'rename-column'; readonly from: string; readonly to: string }
  | { readonly kind: 'set-default'; readonly name: string; readonly value?: Expression }
  | { readonly kind: 'add-element'; readonly element: Exclude<TableElement, { kind: 'column' }> }
  | { readonly kind: 'drop-primary-key' }
  | { readonly kind: 'drop-index' | 'drop-foreign-key' | 'drop-check' | 'drop-constraint'; readonly name: string }
  | { readonly kind: 'rename-index'; readonly from: string; readonly to: string }
  | { readonly kind: 'rename-table'; readonly to: TableName }
  | { readonly kind: 'options'; readonly options: TableOptions }
  | { readonly kind: 'convert-charset'; readonly charset: string; readonly collation?: string }
  /** DISABLE/ENABLE KEYS, ALGORITHM=, LOCK=, FORCE, ORDER BY: accepted, they cannot change a result. */
  | { readonly kind: 'no-effect'; readonly text: string };

export interface InsertAst {
  readonly kind: 'insert';
  readonly replace: boolean;
  readonly ignore: boolean;
  readonly table: TableName;
  /** Absent: all columns in order. INSERT ... SET gives columns and one row. */
  readonly columns?: readonly string[];
  readonly source:
    | { readonly kind: 'rows'; readonly rows: readonly (readonly Expression[])[] }
    | { readonly kind: 'query'; readonly query: Query };
  /** INSERT ... VALUES (...) AS new(a, b) */
  readonly rowAlias?: { readonly name: string; readonly columns?: readonly string[] };
  readonly onDuplicate?: readonly Assignment[];
  readonly hint?: string;
}

export interface UpdateAst {
  readonly kind: 'update';
  readonly hint?: string;
  readonly ignore: boolean;
  readonly with: readonly CommonTable[];
  readonly from: TableReference;
  readonly assignments: readonly Assignment[];
  readonly where?: Expression;
  readonly orderBy: readonly OrderItem[];
  readonly limit?: Limit;
}

export interface DeleteAst {
  readonly kind: 'delete';
  readonly hint?: string;
  readonly ignore: boolean;
  readonly with: readonly CommonTable[];
  /** Single-table form: one entry, equal to `from`. Multi-table: the tables (or aliases) that lose rows. */
  readonly targets: readonly TableName[];
  readonly multiTable: boolean;
  readonly from: TableReference;
  readonly where?: Expression;
  readonly orderBy: readonly OrderItem[];
  readonly limit?: Limit;
}

export type VariableTarget =
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'system'; readonly scope: 'session' | 'global' | 'persist'; readonly name: string };

export interface ShowAst {
  readonly kind: 'show';
  /** In lower case, without FULL/EXTENDED and clauses: 'databases', 'tables', 'columns', 'create table', 'variables', 'warnings' ... */
  readonly what: string;
  readonly full: boolean;
  readonly scope?: 'global' | 'session';
  readonly table?: TableName;
  readonly database?: string;
  readonly like?: Expression;
  readonly where?: Expression;
  readonly limit?: Limit;
  /** SHOW CREATE USER u, SHOW GRANTS FOR u, SHOW ENGINE x STATUS: what followed, as written. */
  readonly rest?: string;
}

export interface AccountName {
  readonly name: string;
  /** `%` where none is named. */
  readonly host: string;
}

export interface AccountSpec extends AccountName {
  /** IDENTIFIED BY */
  readonly password?: string;
  /** IDENTIFIED WITH plugin AS */
  readonly passwordHash?: string;
}

export type Statement =
  | Query
  | InsertAst
  | UpdateAst
  | DeleteAst
  | ShowAst
  | {
      readonly kind: 'create-database';
      readonly name: string;
      readonly ifNotExists: boolean;
      readonly options: TableOptions;
    }
  | { readonly kind: 'alter-database'; readonly name?: string; readonly options: TableOptions }
  | { readonly kind: 'drop-database'; readonly name: string; readonly ifExists: boolean }
  | {
      readonly kind: 'create-table';
      readonly table: TableName;
      readonly temporary: boolean;
      readonly ifNotExists: boolean;
      readonly elements: readonly TableElement[];
      readonly options: TableOptions;
      readonly like?: TableName;
      readonly query?: Query;
    }
  | { readonly kind: 'alter-table'; readonly table: TableName; readonly actions: readonly AlterAction[] }
  | {
      readonly kind: 'drop-table';
      readonly tables: readonly TableName[];
      readonly temporary: boolean;
      readonly ifExists: boolean;
    }
  | { readonly kind: 'rename-table'; readonly renames: readonly { readonly from: TableName; readonly to: TableName }[] }
  | { readonly kind: 'truncate'; readonly table: TableName }
  | {
      readonly kind: 'create-index';
      readonly table: TableName;
      readonly index: Extract<TableElement, { kind: 'index' }>;
    }
  | { readonly kind: 'drop-index'; readonly table: TableName; readonly name: string }
  | { readonly kind: 'begin'; readonly readOnly?: boolean; readonly consistentSnapshot: boolean }
  | { readonly kind: 'commit' | 'rollback'; readonly chain: boolean; readonly release: boolean }
  | { readonly kind: 'savepoint' | 'rollback-to' | 'release-savepoint'; readonly name: string }
  | {
      readonly kind: 'set';
      readonly assignments: readonly {
        readonly target: VariableTarget;
        readonly value: Expression | { readonly kind: 'default' };
      }[];
    }
  | { readonly kind: 'set-names'; readonly charset: string; readonly collation?: string }
  | {
      readonly kind: 'set-transaction';
      readonly scope: 'next' | 'session' | 'global';
      readonly isolation?: string;
      readonly readOnly?: boolean;
    }
  | { readonly kind: 'use'; readonly database: string }
  | { readonly kind: 'describe'; readonly table: TableName; readonly column?: string }
  | { readonly kind: 'explain'; readonly format?: string; readonly analyze: boolean; readonly statement: Statement }
  | {
      readonly kind: 'table-maintenance';
      readonly action: 'analyze' | 'check' | 'optimize' | 'repair' | 'checksum';
      readonly tables: readonly TableName[];
    }
  | { readonly kind: 'kill'; readonly what: 'connection' | 'query'; readonly id: Expression }
  | { readonly kind: 'do'; readonly expressions: readonly Expression[] }
  | { readonly kind: 'prepare'; readonly name: string; readonly source: Expression }
  | { readonly kind: 'execute'; readonly name: string; readonly using: readonly string[] }
  | { readonly kind: 'deallocate'; readonly name: string }
  | {
      readonly kind: 'lock-tables';
      readonly tables: readonly {
        readonly table: TableName;
        readonly alias?: string;
        readonly mode: 'read' | 'write';
      }[];
    }
  | { readonly kind: 'unlock-tables' }
  | { readonly kind: 'create-user'; readonly users: readonly AccountSpec[]; readonly ifNotExists: boolean }
  | { readonly kind: 'alter-user'; readonly users: readonly AccountSpec[]; readonly ifExists: boolean }
  | { readonly kind: 'drop-user'; readonly users: readonly AccountName[]; readonly ifExists: boolean }
  | {
      readonly kind: 'grant';
      readonly revoke: boolean;
      /** In upper case: 'SELECT', 'ALL PRIVILEGES'. */
      readonly privileges: readonly string[];
      /** null: *.* */
      readonly database: string | null;
      readonly users: readonly AccountName[];
      readonly grantOption: boolean;
    }
  /** FLUSH ...: accepted without effect where it has none. */
  | { readonly kind: 'flush'; readonly what: string }
  /** Parsed far enough to be named in an error 1235: CREATE TRIGGER, CREATE PROCEDURE, HANDLER ... */
  | { readonly kind: 'unsupported'; readonly construct: string };

export interface ParsedStatement {
  readonly statement: Statement;
  /** How many slots the text has: literals and parameters together. */
  readonly slotCount: number;
  /**
   * Slots whose literals' values are in the tree itself, in ascending order: the n of CAST(x AS CHAR(n)), aliases written as strings, literals
   * in the text of a select item without alias. A tree serves another text of the same fingerprint only if these have the same values there.
   */
  readonly pinnedSlots: readonly number[];
}
