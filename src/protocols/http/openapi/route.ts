/**
 * What is said of an HTTP route: the form of the tables in this folder. document.ts makes the OpenAPI document of them; tests compare them with the routes that
 * the server has, with docs/http.md, and, example by example, with what a server answers.
 */
import type { Schema } from './schema.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

/** What is sent, and what comes back, in an empty database in which the examples before have run. */
export interface Example {
  readonly name: string;
  /** By the name of the parameter. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly status: number;
  readonly answer: unknown;
}

export interface Answer {
  readonly description: string;
  /** By media type; none: there is no body. */
  readonly content: Readonly<Record<string, Schema>>;
}

export interface Route {
  readonly method: Method;
  /** With `{name}` for a part that varies. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Anybody may ask, without a name. */
  readonly isPublic?: boolean;
  readonly parameters?: readonly Parameter[];
  /** By media type. */
  readonly body?: Readonly<Record<string, Schema>>;
  /** By status. Failures that any route may have are not among them: `default` stands for those. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Statuses of failures that are this route's own. */
  readonly errors?: readonly number[];
  /** Of the answers to failures: the one of all routes unless given. */
  readonly errorForm?: Schema;
  readonly examples: readonly Example[];
}

export const JSON_MEDIA = 'application/json';
export const LINES_MEDIA = 'application/x-ndjson';
export const EVENTS_MEDIA = 'text/event-stream';

export function jsonAnswer(description: string, schema: Schema): Answer {
  return { description, content: { [JSON_MEDIA]: schema } };
}

export function query(name: string, description: string, schema: Schema): Parameter {
  return { name, in: 'query', description, schema };
}

export function header(name: string, description: string): Parameter {
  return { name, in: 'header', description, schema: { type: 'string' } };
}

export function inPath(name: string, description: string): Parameter {
  return { name, in: 'path', description, required: true, schema: { type: 'string' } };
}
