/**
 * What stands before a store, whichever it is: every statement is admitted here before it runs, and counted when it has ended. Read rules.ts, table-access.ts and
 * ../accounts/privileges.ts for what can refuse, ../consolidation.ts for what is shared, ../statistics/ for what can be seen.
 *
 * An administrator without rules and groups in the way meets nothing: `isOpen` is all that is asked then.
 */
import type { Logger } from 'pino';
import { MAX_PLAN_STATISTICS } from '../../limits.ts';
import type { TableDefinition } from '../../stores/schema.ts';
import type { Privileges } from '../accounts/privileges.ts';
import type { PlanFacts, StatementFacts } from '../statement-facts.ts';
import { LineLog } from '../statistics/line-log.ts';
import { QueryLog } from '../statistics/query-log.ts';
import { type PlanCounters, Statistics } from '../statistics/statistics.ts';
import { readRules } from './read-rules.ts';
import { Rules, type RuleVerdict } from './rules.ts';
import { readGroups, TableAccess } from './table-access.ts';

export interface ProtectionOptions {
  readonly queryLog?: string | null | undefined;
  readonly logValues?: boolean | undefined;
  readonly transactionLog?: string | null | undefined;
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

export class Protection {
  readonly rules: Rules;
  readonly access: TableAccess;
  readonly statistics = new Statistics();
  readonly queryLog: QueryLog;
  /** A line for each transaction that has ended. */
  readonly transactionLog: LineLog;
  /** List commands that were answered as the very same ones before them. */
  readonly repeatedLists = this.statistics.countersOf({
    kind: 'list',
    reason: 'asked in the very words of one before',
    tables: [],
    fingerprint: 'list: repeated',
  });
  readonly #counters = new Map<string, PlanCounters>();
  readonly #tableCounters = new Map<string, WeakMap<TableDefinition, PlanCounters>>();

  constructor({ queryLog = null, logValues = false, transactionLog = null, log }: ProtectionOptions) {
    this.rules = new Rules((rule, { user, host, fingerprint }) =>
      log.info({ rule, user, host, statement: fingerprint }, 'a statement met a rule'),
    );
    this.access = new TableAccess((group, { user, host }) =>
      log.warn({ group, user, host }, 'table access would have refused a statement (dry run)'),
    );
    this.queryLog = new QueryLog({
      file: queryLog,
      logValues,
      onProblem: (error) => log.warn({ err: error }, 'the query log cannot be written; it is off'),
    });
    this.transactionLog = new LineLog({
      file: transactionLog,
      onProblem: (error) => log.warn({ err: error }, 'the transaction log cannot be written; it is off'),
    });
  }

  /** Rules and table access, both or none of them. Throws SettingsError that names what is wrong. */
  configure(rules: unknown, tableAccess: unknown): void {
    readRules(rules);
    readGroups(tableAccess);
    this.rules.replace(rules);
    this.access.replace(tableAccess);
  }

  /** Counters of what has no plan to hold them; `key` names it. */
  countersOf(key: string, facts: (key: string) => PlanFacts): PlanCounters {
    let counters = this.#counters.get(key);
    if (counters === undefined) {
      if (this.#counters.size >= MAX_PLAN_STATISTICS) this.#counters.clear();
      counters = this.statistics.countersOf(facts(key));
      this.#counters.set(key, counters);
    }
    return counters;
  }

  /** The same for what is asked of a whole table. */
  countersOfTable(what: string, table: TableDefinition): PlanCounters {
    let tables = this.#tableCounters.get(what);
    if (tables === undefined) {
      tables = new WeakMap();
      this.#tableCounters.set(what, tables);
    }
    let counters = tables.get(table);
    if (counters === undefined) {
      const { database, name } = table;
      counters = this.statistics.countersOf({
        kind: 'list',
        reason: 'list protocol',
        tables: [{ database, table: name, access: 'read' }],
        fingerprint: `list: ${what} ${database}.${name}`,
      });
      tables.set(table, counters);
    }
    return counters;
  }

  /** Nothing here can refuse, delay or change what somebody with these privileges sends. */
  isOpen(privileges: Privileges): boolean {
    return privileges.isAdmin && this.rules.isEmpty && this.access.isEmpty;
  }

  /** Throws 1044, 1142 and what rules refuse with. null: nothing more to heed. */
  admit(facts: StatementFacts, privileges: Privileges): RuleVerdict | null {
    privileges.check(facts.tables, facts.user, facts.host);
    return this.meet(facts);
  }

  /** The same without roles, for a store that has looked at them itself. */
  meet(facts: StatementFacts): RuleVerdict | null {
    if (!this.access.isEmpty) this.access.check(facts);
    if (this.rules.isEmpty) return null;
    const verdict = this.rules.check(facts);
    if (verdict.refused !== null) throw verdict.refused;
    return verdict;
  }

  /** Throws 1044 and 1142. For what a statement reads besides its plan's tables. */
  checkAccess(
    { tables }: Pick<PlanFacts, 'tables'>,
    { user, host }: { readonly user: string; readonly host: string },
    privileges: Privileges,
  ): void {
    privileges.check(tables, user, host);
    if (!this.access.isEmpty) this.access.check({ tables, user, host });
  }

  /** After their files were moved away. */
  reopenLogs(): void {
    this.queryLog.reopen();
    this.transactionLog.reopen();
  }

  async close(): Promise<void> {
    await Promise.all([this.queryLog.close(), this.transactionLog.close()]);
  }
}
