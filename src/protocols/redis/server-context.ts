/** What the connections of one server share. */
import type { Gate } from '../../gate/request.ts';
import type { Client } from './client.ts';
import type { PubSub } from './pub-sub.ts';
import type { ScanCursors } from './scan-cursors.ts';

export interface ServerContext {
  readonly gate: Gate;
  readonly pubSub: PubSub;
  readonly cursors: ScanCursors;
  /** What CONFIG GET shows. */
  readonly settings: ReadonlyMap<string, string>;
  /** As `0.1.0`. */
  readonly serverVersion: string;
  readonly startedAt: number;
  readonly runId: string;
  /** Since the start. */
  readonly counters: { connections: number; commands: number; refused: number };
  /** As INFO counted them last. */
  keyCount: { readonly keys: number; readonly expiring: number; readonly at: number } | null;
  clients(): Iterable<Client>;
  onUnexpectedError(error: unknown): void;
}
