/**
 * Lists of mirrored tables in front of a MySQL server: planned, kept and subscribed to over the mirror's store, by the code of the embedded store's lists. This file
 * holds what sessions share, and says whether the mirror may answer: only where the answer is the one that the source would give now. mirror-read.ts has the way
 * of one request, mirror-subscriptions.ts that of a live list.
 */
import type { Logger } from 'pino';
import type { ListPlanner } from '../../../lists/planner.ts';
import { readDefaultTable, readTableName } from '../../../lists/table-name.ts';
import type { Source } from '../../../stores/mysql/source.ts';
import type { TableDefinition } from '../../../stores/schema.ts';
import type { Store } from '../../../stores/store.ts';
import { type ReadGate, readConsolidator } from '../../consolidated-read.ts';
import { KeptAnswers } from '../../kept-answers.ts';
import { type ListGate, listPlanner } from '../../list-reader.ts';
import type { Protection } from '../../protection/protection.ts';
import { TableClock } from '../../table-clock.ts';
import type { SourceGateLimits } from '../source-options.ts';
import type { MirrorState, SourceMirror } from './source-mirror.ts';

export interface MirroredTable {
  readonly database: string;
  readonly name: string;
}

export interface MirrorListsOptions {
  readonly mirror: SourceMirror;
  /** Those that it mirrors. */
  readonly tables: readonly MirroredTable[];
  /** What kept lists may take. */
  readonly memoryBytes: number;
  /** Requests after which a list is kept; tests keep them at once. */
  readonly keepListsAfter?: number | undefined;
}

interface Host {
  readonly source: Source;
  readonly protection: Protection;
  readonly limits: SourceGateLimits;
  readonly tcsqlTable: string;
  readonly log: Pick<Logger, 'error' | 'warn'>;
}

/** Why the source was asked for a list of a mirrored table. */
export type FallBack = 'not_live' | 'not_fresh' | 'not_the_same' | 'not_alone' | 'hinted' | 'failed';

/** How long an announced subscription waits for its table. */
const STATE_CHECK_MS = 250;
const FRESHNESS_SOURCE = 0;

export class MirrorLists implements ListGate, ReadGate {
  readonly store: Store;
  readonly lists: ListPlanner;
  readonly kept: KeptAnswers;
  readonly protection: Protection;
  readonly clock = new TableClock();
  readonly consolidator;
  readonly #mirror: SourceMirror;
  readonly #host: Host;
  readonly #tables: ReadonlyMap<string, MirroredTable>;
  readonly #defaultDatabase: string;
  /** Of tables whose rows the source may show in another way. */
  readonly #delicate = new WeakMap<TableDefinition, { readonly hasTimestamp: boolean; readonly hasChar: boolean }>();
  readonly #stopListening: () => void;
  readonly #waiting = new Set<() => void>();
  readonly #fallBacks: Record<FallBack, number> = {
    not_live: 0,
    not_fresh: 0,
    not_the_same: 0,
    not_alone: 0,
    hinted: 0,
    failed: 0,
  };
  #answered = 0;

  constructor({ mirror, tables, memoryBytes, keepListsAfter }: MirrorListsOptions, host: Host) {
    const { store } = mirror;
    this.#mirror = mirror;
    this.#host = host;
    this.store = store;
    this.protection = host.protection;
    this.kept = new KeptAnswers({ store, memoryBytes, keepAfter: keepListsAfter, log: host.log });
    this.lists = listPlanner(this.kept, host.tcsqlTable, () => host.limits.httpMaxResultRows);
    this.consolidator = readConsolidator(() => host.limits.consolidationWaiters);
    this.#defaultDatabase = readDefaultTable(host.tcsqlTable).database;
    this.#tables = this.#byText(tables);
    this.#stopListening = store.onCommit((commit) => {
      this.clock.apply(commit);
      this.kept.apply(commit);
    });
    mirror.onStateChange = () => this.#wake();
  }

  /** By each text that a request can name it with: very names only, as for a source that tells `T` from `t`. */
  #byText(tables: readonly MirroredTable[]): Map<string, MirroredTable> {
    const byText = new Map<string, MirroredTable>();
    for (const table of tables) {
      byText.set(`${table.database}.${table.name}`, table);
      if (table.database === this.#defaultDatabase) byText.set(table.name, table);
    }
    return byText;
  }

  /** null: it is not mirrored. */
  table(text: string): MirroredTable | null {
    return this.#tables.get(text) ?? null;
  }

  /** `text`, or the table of commands that name none. */
  tableOrDefault(text: string | undefined): MirroredTable | null {
    return this.table(text ?? this.#host.tcsqlTable);
  }

  /** Of a table that is not mirrored: what it is called. */
  nameOf(text: string): string {
    const { database, name } = readTableName(text, this.#defaultDatabase);
    return `${database}.${name}`;
  }

  stateOf({ database, name }: MirroredTable): MirrorState {
    return this.#mirror.stateOf(database, name) ?? { state: 'failed', why: 'it is not mirrored' };
  }

  /** Why the mirror cannot answer for the table; null: it can. */
  obstacle(table: MirroredTable): 'not_live' | 'not_the_same' | null {
    if (this.stateOf(table).state !== 'live') return 'not_live';
    return this.difference(table) === null ? null : 'not_the_same';
  }

  /** In what rows would look different here than at the source; null: in nothing. */
  difference({ database, name }: MirroredTable): string | null {
    const definition = this.store.catalog.table(database, name);
    if (definition === undefined) return 'its definition is not here';
    const { hasTimestamp, hasChar } = this.#delicacies(definition);
    const { source } = this.#host;
    if (hasTimestamp && !source.isUtc) return 'it has TIMESTAMPs, and the time zone of the source is not UTC';
    if (hasChar && /\bPAD_CHAR_TO_FULL_LENGTH\b/i.test(source.sqlMode ?? ''))
      return 'it has CHARs, and the sql_mode of the source has PAD_CHAR_TO_FULL_LENGTH';
    return null;
  }

  #delicacies(definition: TableDefinition): { readonly hasTimestamp: boolean; readonly hasChar: boolean } {
    let known = this.#delicate.get(definition);
    if (known === undefined) {
      const has = (name: string): boolean => definition.columns.some(({ type }) => type.name === name);
      known = { hasTimestamp: has('timestamp'), hasChar: has('char') };
      this.#delicate.set(definition, known);
    }
    return known;
  }

  /** Resolves when answers are as new as `sluice_mirror_freshness` says; false: they are not in time. true at once: they are. */
  freshen(): true | Promise<boolean> {
    return this.#host.limits.mirrorFreshness === FRESHNESS_SOURCE ? this.#mirror.freshen() : true;
  }

  /** Resolves when some table's state may have changed, or a moment has passed. */
  async stateChange(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, STATE_CHECK_MS);
      this.#waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  // ---- Counts

  answered(): void {
    this.#answered++;
  }

  fellBack(why: FallBack): void {
    this.#fallBacks[why]++;
  }

  statistics(): {
    readonly answered: number;
    readonly by_source: Readonly<Record<FallBack, number>>;
    readonly mirror: object;
  } {
    return { answered: this.#answered, by_source: { ...this.#fallBacks }, mirror: this.#mirror.statistics() };
  }

  close(): void {
    this.#wake();
    this.#stopListening();
    this.kept.close();
  }
}
