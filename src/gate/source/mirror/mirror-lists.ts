/**
 * Lists of mirrored tables in front of a MySQL server: planned, kept and subscribed to over the mirror's store, by the code of the embedded store's lists. This file
 * holds what sessions share, and says whether the mirror may answer: only where the answer is the one that the source would give now. mirror-read.ts has the way
 * of one request, mirror-subscriptions.ts that of a live list.
 */
import type { Logger } from 'pino';
import type { ListPlanner } from '../../../lists/planner.ts';
import { readDefaultTable } from '../../../lists/table-name.ts';
import type { Source } from '../../../stores/mysql/source.ts';
import type { TableDefinition } from '../../../stores/schema.ts';
import type { Store } from '../../../stores/store.ts';
import { type ReadGate, readConsolidator } from '../../consolidated-read.ts';
import { KeptAnswers } from '../../kept-answers.ts';
import { type ListGate, listPlanner } from '../../list-reader.ts';
import type { Protection } from '../../protection/protection.ts';
import { TableClock } from '../../table-clock.ts';
import type { SourceGateLimits } from '../source-options.ts';
import type { MirroredName, MirrorState, MirrorStatistics, SourceMirror } from './source-mirror.ts';

export interface MirrorListsOptions {
  readonly mirror: SourceMirror;
  /** Where it has its tables. */
  readonly store: Store;
  /** Those that it mirrors. */
  readonly tables: readonly MirroredName[];
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

export interface MirrorListsStatistics {
  /** Lists that the mirror answered. */
  readonly answered: number;
  /** Those of mirrored tables that the source was asked for. */
  readonly fallBacks: Readonly<Record<FallBack, number>>;
  /** Reads of the mirror's store that another one answered. */
  readonly shared: number;
  readonly mirror: MirrorStatistics;
}

/** How often a subscription that waits looks at its table again, whatever it is told. */
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
  readonly #tables: ReadonlyMap<string, MirroredName>;
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

  constructor({ mirror, store, tables, memoryBytes, keepListsAfter }: MirrorListsOptions, host: Host) {
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
    mirror.onStateChange = () => {
      this.#wake();
      // Where the source is asked for a list, that rests on what is known of its tables.
      host.source.schemaChanged();
    };
  }

  /** By each text that a request can name it with: very names only, as for a source that tells `T` from `t`. */
  #byText(tables: readonly MirroredName[]): Map<string, MirroredName> {
    const byText = new Map<string, MirroredName>();
    for (const name of tables) {
      const { database, table } = name;
      byText.set(`${database}.${table}`, name);
      if (database === this.#defaultDatabase) byText.set(table, name);
    }
    return byText;
  }

  /** null: it is not mirrored. */
  table(text: string): MirroredName | null {
    return this.#tables.get(text) ?? null;
  }

  /** `text`, or the table of commands that name none. */
  tableOrDefault(text: string | undefined): MirroredName | null {
    return this.table(text ?? this.#host.tcsqlTable);
  }

  stateOf({ database, table }: MirroredName): MirrorState {
    return this.#mirror.stateOf(database, table) ?? { state: 'failed', why: 'it is not mirrored' };
  }

  /** Why the mirror cannot answer for the table; null: it can. */
  obstacle(table: MirroredName): 'not_live' | 'not_the_same' | null {
    if (this.stateOf(table).state !== 'live') return 'not_live';
    return this.difference(table) === null ? null : 'not_the_same';
  }

  /** In what rows would look different here than at the source; null: in nothing. */
  difference({ database, table }: MirroredName): string | null {
    const definition = this.store.catalog.table(database, table);
    if (definition === undefined) return 'its definition is not here';
    // Ties go by the key; without one the source has an order of its own.
    if (definition.primaryKey.length === 0) return 'it has no primary key';
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
  stateChange(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, STATE_CHECK_MS);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  // ---- Counts

  answered(): void {
    this.#answered++;
  }

  fellBack(why: FallBack): void {
    this.#fallBacks[why]++;
  }

  statistics(): MirrorListsStatistics {
    return {
      answered: this.#answered,
      fallBacks: { ...this.#fallBacks },
      shared: this.consolidator.statistics().saved,
      mirror: this.#mirror.statistics(),
    };
  }

  close(): void {
    this.#wake();
    this.#stopListening();
    this.kept.close();
  }
}
