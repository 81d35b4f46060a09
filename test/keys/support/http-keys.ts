/** The routes of keys, asked as any HTTP client asks them. */
import { expect } from 'vitest';
import type { SluiceServer } from '../../support/sluice-server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export class HttpKeys {
  readonly #server: Pick<SluiceServer, 'httpUrl'>;

  constructor(server: Pick<SluiceServer, 'httpUrl'>) {
    this.#server = server;
  }

  async ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.#server.httpUrl}${path}`, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
  }

  get(key: string, query = '', headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask(`/v1/keys/${encodeURIComponent(key)}${query}`, { headers });
  }

  /** `value`: JSON, or text that is to be sent as it is. */
  put(key: string, value: unknown, query = '', headers: Record<string, string> = {}): Promise<Answer> {
    const body = value instanceof Raw ? value.text : JSON.stringify(value);
    return this.ask(`/v1/keys/${encodeURIComponent(key)}${query}`, { method: 'PUT', body, headers });
  }

  remove(key: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask(`/v1/keys/${encodeURIComponent(key)}`, { method: 'DELETE', headers });
  }

  find(parameters: Record<string, string>): Promise<Answer> {
    return this.ask(`/v1/keys?${new URLSearchParams(parameters)}`);
  }

  post(path: string, body: unknown): Promise<Answer> {
    const text = body instanceof Raw ? body.text : JSON.stringify(body);
    return this.ask(path, { method: 'POST', body: text });
  }

  /** The result of one operation. Throws its error. */
  async run(op: string, members: object = {}): Promise<unknown> {
    const { status, body } = await this.post('/v1/keys', { op, ...members });
    if (status !== 200) throw Object.assign(new Error(JSON.stringify(body)), { status, body });
    return (body as { result: unknown }).result;
  }
}

/** Text instead of a value to make JSON of. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What an error's answer says. */
export function error(status: number, code: string, part = ''): object {
  const told = expect.objectContaining({ code, message: expect.stringContaining(part) });
  return expect.objectContaining({ status, body: { error: told } });
}
