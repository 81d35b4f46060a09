/** COM_QUERY: one statement, or several where the client has asked for that (CLIENT_MULTI_STATEMENTS). */
import { failure } from '../../errors.ts';
import { CAPABILITY } from '../../util/mysql-packets/constants.ts';
import type { Payload } from '../../util/mysql-packets/payload.ts';
import type { Client } from './client.ts';
import { sendOutcome } from './results.ts';
import { TEXT_FORM } from './row-payload.ts';

export function comQuery(client: Client, payload: Payload): void | Promise<void> {
  const text = payload.restText();
  if ((client.capabilities & CAPABILITY.MULTI_STATEMENTS) === 0 || !text.includes(';'))
    return query(client, text, false);
  const statements = client.session.split(text);
  if (statements.length === 0) throw failure('ER_EMPTY_QUERY');
  return statements.length === 1 ? query(client, statements[0] as string, false) : queryAll(client, statements);
}

function query(client: Client, text: string, more: boolean): void | Promise<void> {
  const outcome = client.execute({ kind: 'sql', text, form: TEXT_FORM });
  if (outcome instanceof Promise) return outcome.then((settled) => sendOutcome(client, settled, 'text', more));
  return sendOutcome(client, outcome, 'text', more);
}

/** The first that fails is the last that is executed. */
async function queryAll(client: Client, statements: readonly string[]): Promise<void> {
  for (const [index, text] of statements.entries()) {
    const pending = query(client, text, index < statements.length - 1);
    if (pending !== undefined) {
      await pending;
    }
    await client.breathe();
    if (client.channel.isClosed) return;
  }
}
