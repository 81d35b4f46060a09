/** Subscriptions as protocols take them: the events of a live list as JSON, made once for all subscribers of a page. */
import { randomUUID } from 'node:crypto';
import { failure } from '../errors.ts';
import type { ListCommand } from '../lists/command.ts';
import type { KeyValue } from '../lists/kept/key-column.ts';
import type { LiveEvent } from '../lists/kept/live-list.ts';
import type { Subscription } from '../lists/kept/subscription.ts';
import type { PagePlan } from '../lists/pages.ts';
import type { StoreRow } from '../stores/values.ts';
import { jsonString } from '../util/json-text.ts';
import { admitPage } from './admission.ts';
import type { ListGate } from './list-reader.ts';
import type { LiveMessage, LiveMessages } from './request.ts';
import type { GateSession } from './session.ts';

/** Sequence numbers go on after a restart, and may go back after a restore: an id is one of this process. */
const EPOCH = randomUUID().slice(0, 8);

const MESSAGES = new WeakMap<LiveEvent, LiveMessage>();

export function subscribe(session: GateSession, command: ListCommand, after: string | null): LiveMessages {
  // A subscription is not made to wait: what would have it do so, lets it by.
  admitPage(session, command)?.catch(() => undefined);
  return subscribeTo(session.gate, command, after);
}

/** Of one that has been admitted. */
export function subscribeTo(
  gate: Pick<ListGate, 'store' | 'lists' | 'kept'>,
  command: ListCommand,
  after: string | null,
): LiveMessages {
  const plan = gate.lists.page(command, gate.store.catalog);
  const { query } = plan;
  if (query === null)
    throw failure('ER_NOT_SUPPORTED_YET', 'live lists of tables without a single integer primary key');
  if (query.max === null) throw failure('ER_BAD_PARAMETER', 'limit_max is missing: a live list is a page');
  // For its errors: an operand that cannot be read.
  plan.bind();
  return new ListMessages(gate.kept.subscribe(query, sequenceOf(after)), plan);
}

/** null: no id of this process. */
function sequenceOf(id: string | null): number | null {
  const [epoch, sequence = ''] = (id ?? '').split('-');
  return epoch === EPOCH && /^\d{1,15}$/.test(sequence) ? Number(sequence) : null;
}

class ListMessages implements LiveMessages {
  onMessage: (() => void) | null = null;
  onEnd: ((reason: Error) => void) | null = null;
  readonly #subscription: Subscription;
  readonly #plan: PagePlan;

  constructor(subscription: Subscription, plan: PagePlan) {
    this.#subscription = subscription;
    this.#plan = plan;
    subscription.onEvent = () => {
      if (subscription.failure === null) this.onMessage?.();
      else this.onEnd?.(subscription.failure);
    };
  }

  take(): LiveMessage | null {
    const event = this.#subscription.take();
    return event === null ? null : messageOf(event, this.#plan);
  }

  close(): void {
    this.#subscription.close();
  }
}

function messageOf(event: LiveEvent, plan: PagePlan): LiveMessage {
  let message = MESSAGES.get(event);
  if (message === undefined) {
    message = { event: event.kind, id: `${EPOCH}-${event.seq}`, data: dataOf(event, plan) };
    MESSAGES.set(event, message);
  }
  return message;
}

function dataOf(event: LiveEvent, { encoder, key }: PagePlan): string {
  const rowJson = (row: StoreRow): string => Buffer.from(encoder.encode(row), 'latin1').toString('utf8');
  if (event.kind === 'snapshot') {
    const rows = event.rows.map(rowJson).join();
    return `{"key":${jsonString(key ?? '')},"rows":[${rows}],"count":${event.count},"seq":${event.seq}}`;
  }
  const insert = event.insert.map(({ row, at }) => `{"row":${rowJson(row)},"at":${at}}`).join();
  const update = event.update.map(({ row }) => rowJson(row)).join();
  const remove = event.remove.map(keyJson).join();
  return `{"seq":${event.seq},"insert":[${insert}],"update":[${update}],"remove":[${remove}],"count":${event.count}}`;
}

/** As rows have it: beyond 2^53 as text. */
function keyJson(key: KeyValue): string {
  return typeof key === 'bigint' ? `"${key}"` : String(key);
}
