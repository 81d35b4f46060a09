/**
 * Where imported rows go: to the server that serves the data directory, over HTTP, or, when none does, to the directory itself. Either way
 * through a session, so that types, keys and constraints are checked as for any other client.
 */
import type { Config } from '../config.ts';
import { SluiceError } from '../errors.ts';
import type { JsonValue } from '../util/json-value.ts';

export interface ImportTarget {
  /** Runs one statement. Throws what the server says against it. */
  execute(sql: string, values: readonly JsonValue[]): Promise<void>;
  close(): Promise<void>;
}

export async function openTarget(config: Config): Promise<ImportTarget> {
  try {
    return await openDirectly(config);
  } catch (error) {
    if (!(error instanceof SluiceError) || !/in use by another Sluice process/.test(error.message)) throw error;
    return openServer(config, error);
  }
}

async function openDirectly(config: Config): Promise<ImportTarget> {
  const [{ openEmbeddedStore }, { LocalGate }, { VariableStore }, { readParameters }, { createLog }] =
    await Promise.all([
      import('../processes/open-store.ts'),
      import('../gate/gate.ts'),
      import('../sql/variables/variable-store.ts'),
      import('../protocols/http/parameters.ts'),
      import('./log.ts'),
    ]);
  const store = openEmbeddedStore({ directory: config.data, synchronous: config.synchronous });
  const log = createLog(config.logLevel);
  const { tcsqlTable, listsMemoryBytes } = config;
  const variables = new VariableStore();
  const gate = new LocalGate({ store, variables, accounts: [], tcsqlTable, listsMemoryBytes, log });
  const session = gate.openSession({ user: 'root', host: 'localhost', protocol: 'embedded' });
  return {
    execute: async (text, values) => {
      const parameters = readParameters([...values]) ?? [];
      await session.execute({ kind: 'sql', text, parameters });
    },
    close: async () => {
      session.close();
      await gate.close();
      await store.close();
    },
  };
}

async function openServer(config: Config, inUse: SluiceError): Promise<ImportTarget> {
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${config.httpPort}/v1/sql`;
  const post = (sql: string, values: readonly JsonValue[]) => postStatement(url, authorization(config), sql, values);
  const { rows } = await post('SELECT @@sluice_data AS directory', []).catch((error: unknown) => {
    if (error instanceof SluiceError) throw error;
    throw new SluiceError(
      'ER_UNKNOWN_ERROR',
      `${inUse.message}, and nothing answers at ${url}: give that one's --http-port`,
    );
  });
  if (!JSON.stringify(rows).includes(JSON.stringify(config.data))) {
    throw new SluiceError(
      'ER_UNKNOWN_ERROR',
      `${inUse.message}, and ${url} serves another directory: give its --http-port`,
    );
  }
  return {
    execute: async (sql, values) => {
      await post(sql, values);
    },
    close: async () => undefined,
  };
}

/** The first user of the configuration whose password is there, and who may write: the server has it too. */
function authorization({ users }: Config): Record<string, string> {
  const user = users.find(({ password, role }) => password !== undefined && role !== 'reader');
  if (user === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}` };
}

async function postStatement(
  url: string,
  headers: Readonly<Record<string, string>>,
  sql: string,
  values: readonly JsonValue[],
): Promise<{ rows?: unknown }> {
  const body = `{"sql":${JSON.stringify(sql)},"params":[${values.map(jsonText).join(',')}]}`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  });
  const answer = (await response.json()) as { rows?: unknown; error?: { message?: string } };
  if (!response.ok)
    throw new SluiceError('ER_UNKNOWN_ERROR', answer.error?.message ?? `${url} answers ${response.status}`);
  return answer;
}

/** Numbers as they were written. */
function jsonText(value: JsonValue): string {
  return typeof value === 'object' && value !== null && 'text' in value ? value.text : JSON.stringify(value);
}
