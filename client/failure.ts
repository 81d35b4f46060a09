/** A failure that the server told, or that came on the way to it. */
export class SluiceError extends Error {
  /** The server's name for it (docs/errors.md), or `CONNECTION_FAILED`, `UNEXPECTED_ANSWER`. */
  readonly code: string;
  /** Of the HTTP answer; 0 when there was none. */
  readonly status: number;
  /** MySQL's; absent where the HTTP request itself was wrong. */
  readonly errno: number | undefined;
  readonly sqlstate: string | undefined;
  /** The same request may succeed when it is sent again. */
  readonly retryable: boolean;

  /** Also what has the name: failures of KeyMap and of values, which need no server, have the same codes and no status. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'SluiceError';
  }

  constructor(message: string, details: SluiceErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SluiceError';
    this.code = details.code;
    this.status = details.status;
    this.errno = details.errno;
    this.sqlstate = details.sqlstate;
    this.retryable = details.retryable;
  }
}

export interface SluiceErrorDetails {
  readonly code: string;
  readonly status: number;
  readonly errno?: number | undefined;
  readonly sqlstate?: string | undefined;
  readonly retryable: boolean;
}

interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly errno?: number;
    readonly sqlstate?: string;
    readonly retryable: boolean;
  };
}

/** What an answer that is no success says. */
export async function failureOf(response: Response): Promise<SluiceError> {
  const { status } = response;
  const text = await response.text();
  const body = parseOrUndefined(text);
  if (isErrorBody(body)) return errorOf(body.error, status);
  // A proxy's page, say: it may be gone in a moment.
  const retryable = status === 429 || (status >= 500 && status !== 501);
  const message = `the server answered ${status}: ${text.slice(0, 200)}`;
  return new SluiceError(message, { code: 'UNEXPECTED_ANSWER', status, retryable });
}

/** An error as it stands in an answer, alone or in its place in a batch. */
export function errorOf(error: ErrorBody['error'], status: number): SluiceError {
  return new SluiceError(error.message, { ...error, status });
}

export function isErrorBody(body: unknown): body is ErrorBody {
  const error = (body as Partial<ErrorBody> | null | undefined)?.error;
  return typeof error?.code === 'string' && typeof error.message === 'string';
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** No answer at all: refused, cut off, no network. */
export function connectionFailure(url: string, cause: unknown): SluiceError {
  // Node's fetch says 'fetch failed', and the reason one level deeper.
  const deeper = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const why = deeper instanceof Error ? deeper.message : String(deeper);
  const details = { code: 'CONNECTION_FAILED', status: 0, retryable: true };
  return new SluiceError(`no answer from ${url}: ${why}`, details, { cause });
}
