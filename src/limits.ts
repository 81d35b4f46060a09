/** Every maximum of the server, the unit last in its name. Those that a user may change are defaults of options in config.ts. */

export const MAX_ALLOWED_PACKET_BYTES = 64 * 1024 * 1024;
export const MAX_PREPARED_STATEMENTS_PER_SESSION = 16_382;
export const MAX_IDENTIFIER_CHARS = 64;
export const MAX_COLUMNS_PER_TABLE = 1_000;
export const MAX_EXPRESSION_DEPTH = 400;
export const MAX_HTTP_BODY_BYTES = 64 * 1024 * 1024;
export const MAX_URL_BYTES = 1024 * 1024;
export const MAX_RESULT_ROWS_HTTP = 10_000;
export const MAX_RESULT_ROWS_MYSQL = 1_000_000;
export const MAX_SESSIONS = 20_000;
/** Event streams of lists that are open at once. Each is a session too. */
export const MAX_SUBSCRIPTIONS = 10_000;
export const PLAN_CACHE_ENTRIES = 5_000;
/** Variants (by slot types and pinned values) kept for one fingerprint. */
export const PLAN_VARIANTS_PER_FINGERPRINT = 16;
/** Statements with more slots than this (bulk inserts) are not kept in the plan cache. */
export const PLAN_CACHE_MAX_SLOTS = 500;
/** Values of a list parameter, `IN ::ids`; a power of two, as lists are filled up to one. */
export const MAX_LIST_PARAMETER_VALUES = 16_384;
/** An index range whose rows are bounded by this many runs inline in the front. */
export const INLINE_ROWS = 200;
/** Rows that a reader sends in one message. */
export const STREAM_CHUNK_ROWS = 500;
export const STREAM_CHUNK_BYTES = 64 * 1024;
/** Chunks that a reader may be ahead of the client that reads them: 1 MiB. Fewer, and it waits for turns of a busy event loop. */
export const STREAM_WINDOW_CHUNKS = 16;
/** Row changes listed in a commit's report for one table; beyond it the table counts as wholly changed. */
export const CHANGES_PER_TABLE_ROWS = 10_000;
export const LOCK_WAIT_TIMEOUT_MS = 50_000;
export const TRANSACTION_TIMEOUT_MS = 30_000;
/** How long a transaction that will probably write waits for others like it before it reads. */
export const TURN_WAIT_MS = 5_000;
/** A transaction whose client says nothing for so long does not keep others waiting. */
export const TURN_PAUSE_MS = 300;
/** A key of the tree, in UTF-8. */
export const MAX_KEY_BYTES = 256;
/** A value of the tree in its stored form; bit sets have a limit of their own. */
export const MAX_KEY_VALUE_BYTES = 2 * 1024 * 1024;
/** Arrays, objects, Maps and Sets within one another. */
export const MAX_KEY_VALUE_LEVELS = 100;
export const MAX_KEY_BITS = 100_000_000;
/** A bit set is stored in pieces of this size: small enough that SQLite keeps one within a page. */
export const KEY_BIT_PIECE_BYTES = 512;
/** In front of a MySQL server: rows, and their bytes, that one command on keys may have to look at together. */
export const SOURCE_KEY_ROWS = 50_000;
export const SOURCE_KEY_BYTES = 64 * 1024 * 1024;
/** In front of a MySQL server: rows that one list command may have to look at, where SQL cannot say what it asks. */
export const SOURCE_LIST_ROWS = 100_000;
/** Filters within one another, and terms of one filter. */
export const MAX_KEY_FILTER_LEVELS = 50;
export const MAX_KEY_FILTER_TERMS = 1_000;
/** A chain of pointers that is longer is an error, as a circle is. */
export const MAX_POINTER_HOPS = 10_000;
/** Arguments of one command in Redis' protocol; Redis' own limit. */
export const MAX_REDIS_ARGUMENTS = 1024 * 1024;
export const MAX_REDIS_ARGUMENT_BYTES = 64 * 1024 * 1024;
/** All arguments of one command together. */
export const MAX_REDIS_COMMAND_BYTES = 128 * 1024 * 1024;
/** A line of Redis' protocol: an inline command, a count, a length; Redis' own limit. */
export const MAX_REDIS_LINE_BYTES = 64 * 1024;
/** Reads that wait for the rows of an identical one, all together; and what is kept of those rows for them. */
export const MAX_CONSOLIDATION_WAITERS = 10_000;
export const MAX_CONSOLIDATED_READ_BYTES = 8 * 1024 * 1024;
export const MAX_CONSOLIDATED_BYTES = 64 * 1024 * 1024;
/** Plans whose hits, time, rows and errors are counted; those asked least make room. */
export const MAX_PLAN_STATISTICS = 5_000;
export const MAX_RULES = 1_000;
export const MAX_RULE_DELAY_MS = 60_000;
/** A document of the JSON protocol. */
export const MAX_JSON_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** Objects and arrays within one another in it: requests have one level. */
export const MAX_JSON_DOCUMENT_LEVELS = 64;
/** Documents that have begun and not ended, of all its clients together. */
export const MAX_JSON_UNFINISHED_BYTES = 256 * 1024 * 1024;
export const MAX_JSON_CONNECTIONS = 10_000;
/** A login beyond it ends the sign of that user that was used longest ago. */
export const MAX_JSON_SIGNS_PER_USER = 1_000;
/** What the gate's settings are unless something else is said: the options of the same names (config.ts) and the variables `sluice_...`. 0 is no limit. */
export const RESULT_BYTES = 256 * 1024 * 1024;
export const QUERY_TIMEOUT_S = 30;
export const CLIENT_IDLE_TIMEOUT_S = 28_800;
/** Open transactions of the embedded store: each that reads holds a connection to the file, so there must be an end. */
export const TRANSACTION_CAP = 1_000;
export const TRANSACTION_WAIT_MS = 1_000;
/** Statements and transactions in line for the one writer. */
export const WRITE_QUEUE = 20_000;
export const SLOW_QUERY_MS = 1_000;
