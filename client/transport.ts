/** Requests to one server: its address, its user, and failures in one form. */
import { connectionFailure, failureOf } from './failure.ts';

export interface ConnectOptions {
  readonly user?: string;
  readonly password?: string;
  /** Instead of the global one: for proxies, tests, or a runtime without it. */
  readonly fetch?: typeof fetch;
}

export interface TransportRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export class Transport {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #fetch: typeof fetch;

  constructor(url: string, { user, password, fetch: given }: ConnectOptions) {
    this.#base = url.replace(/\/+$/, '');
    this.#headers = user === undefined ? {} : { authorization: `Basic ${base64(`${user}:${password ?? ''}`)}` };
    // Called as a method of anything but the window, browsers' fetch throws.
    this.#fetch = given ?? ((input, init) => fetch(input, init));
  }

  /** The answer's head, if it is a success. Rejects with SluiceError; with the signal's reason when that aborts it. */
  async send(path: string, request: TransportRequest = {}): Promise<Response> {
    const url = `${this.#base}${path}`;
    const init = {
      method: request.method ?? 'GET',
      headers: { ...this.#headers, ...request.headers },
      cache: 'no-store' as const,
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    };
    let response: Response;
    try {
      response = await this.#fetch(url, init);
    } catch (error) {
      throw request.signal?.aborted ? request.signal.reason : connectionFailure(url, error);
    }
    if (!response.ok) throw await failureOf(response);
    return response;
  }

  async json<Body>(path: string, request?: TransportRequest): Promise<Body> {
    const response = await this.send(path, request);
    try {
      return (await response.json()) as Body;
    } catch (error) {
      throw request?.signal?.aborted ? request.signal.reason : connectionFailure(`${this.#base}${path}`, error);
    }
  }
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
