/** The tree's tables are made when keys are first used, if the source's user may. */
import { SourceError } from '../../../errors.ts';
import { textTable } from '../../../stores/mysql/rows.ts';
import type { Source } from '../../../stores/mysql/source.ts';
import { giveBack, takeClean } from './clean-connections.ts';
import { COLLATIONS, creation, LOOK } from './key-tables.ts';

/** No such database, no such table; or, where nothing of them may be seen, access denied. */
const MISSING = new Set([1049, 1146]);
const DENIED = new Set([1044, 1142, 1227, 1370]);

export class KeyTables {
  readonly #source: Source;
  #ready: Promise<void> | null = null;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Rejects with what keeps them from being there. */
  ready(): Promise<void> {
    this.#ready ??= this.#make().catch((error: unknown) => {
      this.#ready = null;
      throw error;
    });
    return this.#ready;
  }

  /** They are gone: somebody dropped them. */
  forget(): void {
    this.#ready = null;
  }

  async #make(): Promise<void> {
    // Making tables ends transactions: never on a session's connection.
    const { reads } = this.#source;
    const connection = await takeClean(reads);
    try {
      try {
        for (const text of LOOK) await connection.query(text);
        return;
      } catch (error) {
        if (!isOne(error, MISSING) && !isOne(error, DENIED)) throw error;
      }
      const { results } = await connection.query(COLLATIONS);
      const [[collation = null] = []] = results[0] === undefined ? [] : textTable(results[0]);
      for (const text of creation(collation)) await connection.query(text);
      this.#source.schemaChanged();
    } catch (error) {
      throw isOne(error, DENIED) ? withWhatIsNeeded(error as SourceError) : error;
    } finally {
      connection.isTainted = true;
      giveBack(reads, connection);
    }
  }
}

function isOne(error: unknown, errnos: ReadonlySet<number>): boolean {
  return error instanceof SourceError && errnos.has(error.errno);
}

function withWhatIsNeeded({ errno, sqlstate, message }: SourceError): SourceError {
  const needed =
    'keys are kept in the database `sluice` of the source: its user needs CREATE, SELECT, INSERT, UPDATE and DELETE there';
  return new SourceError(errno, sqlstate, `${message} (${needed})`);
}
