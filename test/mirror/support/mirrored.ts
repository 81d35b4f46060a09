/** Sluice in front of a MariaDB of its own, some of whose tables it mirrors. */
import { vi } from 'vitest';
import { BINLOG_ARGS } from '../../support/binlog-args.ts';
import { type InFront, startInFront } from '../../support/in-front.ts';
import type { MariadbOptions } from '../../support/mariadb-server.ts';
import type { SluiceOptions, SluiceServer } from '../../support/sluice-server.ts';

export interface MirrorPage {
  readonly following: boolean;
  readonly lag_ms: number | null;
  readonly last_error: string | null;
  readonly runs: number;
  readonly answers: { readonly mirror: number; readonly source: Readonly<Record<string, number>> };
  readonly tables: readonly {
    readonly table: string;
    readonly state: string;
    readonly why: string | null;
    readonly copies: number;
  }[];
}

/** `tables`: `db.t,db.t2`. */
export function startMirrored(
  tables: string,
  sluice: SluiceOptions = {},
  mariadb: MariadbOptions = {},
): Promise<InFront> {
  return startInFront(
    { ...sluice, args: ['--mirror', tables, ...(sluice.args ?? [])] },
    { ...mariadb, args: [...BINLOG_ARGS, ...(mariadb.args ?? [])] },
  );
}

export async function mirrorPage({ httpUrl }: Pick<SluiceServer, 'httpUrl'>): Promise<MirrorPage> {
  return (await fetch(`${httpUrl}/v1/status/mirror`)).json() as Promise<MirrorPage>;
}

/** Resolves when the tables are mirrored, after `copies` of each at least. `names`: of those that are waited for; null: of all. */
export async function untilLive(
  sluice: Pick<SluiceServer, 'httpUrl'>,
  copies = 1,
  names: readonly string[] | null = null,
): Promise<void> {
  let seen: MirrorPage | null = null;
  const isLive = async (): Promise<boolean> => {
    seen = await mirrorPage(sluice);
    const waitedFor = seen.tables.filter(({ table }) => names === null || names.includes(table));
    return waitedFor.every((table) => table.state === 'live' && table.copies >= copies);
  };
  await vi.waitUntil(isLive, { timeout: 60_000, interval: 50 }).catch(() => {
    throw new Error(`not live: ${JSON.stringify(seen)}`);
  });
}
