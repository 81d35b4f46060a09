/** Failures as HTTP answers: `{error: {code, message, errno, sqlstate, retryable}}` with the right status. */
import { asFailure, type SluiceError } from '../../errors.ts';

/** What is wrong with the HTTP request itself, and has no MySQL error. */
export class HttpFailure extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'HttpFailure';
    this.status = status;
    this.code = code;
  }
}

export interface ErrorAnswer {
  readonly status: number;
  readonly json: string;
}

export function errorAnswer(thrown: unknown): ErrorAnswer {
  if (thrown instanceof HttpFailure) {
    const { status, code, message } = thrown;
    return { status, json: JSON.stringify({ error: { code, message, retryable: status === 503 } }) };
  }
  if (isFastifyError(thrown)) return errorAnswer(fastifyFailure(thrown));
  const failure = asFailure(thrown);
  return { status: failure.httpStatus, json: JSON.stringify({ error: errorBody(failure) }) };
}

/** The failure as part of an answer, in a batch or at the end of a stream. */
export function errorBody(failure: SluiceError): Record<string, unknown> {
  const { code, message, errno, sqlstate, retryable } = failure;
  return { code, message, errno, sqlstate, retryable };
}

interface FastifyFailure extends Error {
  readonly code: string;
  readonly statusCode: number;
}

function isFastifyError(thrown: unknown): thrown is FastifyFailure {
  return (
    thrown instanceof Error &&
    typeof (thrown as Partial<FastifyFailure>).code === 'string' &&
    (thrown as Partial<FastifyFailure>).code?.startsWith('FST_') === true
  );
}

function fastifyFailure(error: FastifyFailure): HttpFailure {
  const status = error.statusCode ?? 500;
  return new HttpFailure(status, status === 413 ? 'HTTP_BODY_TOO_LARGE' : 'HTTP_BAD_REQUEST', error.message);
}
