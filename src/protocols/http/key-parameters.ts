/** Key commands from a URL: `/v1/keys/{path}?...` and `/v1/keys?find=...`. */
import type { IncomingMessage } from 'node:http';
import { failure } from '../../errors.ts';
import type { SingleKeyCommand } from '../../keys/command.ts';
import type { FindOptions } from '../../keys/find-options.ts';
import type { KeySetQuery } from '../../keys/key-set-plans.ts';
import type { PutOptions } from '../../keys/write-plans.ts';
import { HttpFailure } from './failures.ts';
import { parseJson } from './json-body.ts';
import { given } from './json-members.ts';
import { readFilter } from './key-operations.ts';
import type { UrlParameters } from './url-parameters.ts';

/** What a find's answer shows of what was found. */
export interface FindRequest {
  readonly command: SingleKeyCommand;
  readonly keysOnly: boolean;
}

export interface GetRequest {
  readonly command: SingleKeyCommand;
  readonly follows: boolean;
  /** What the value must be. */
  readonly type: string | undefined;
}

/** `point=true`: along pointers, with the parts of `sub` (separated by commas) appended at the first ones. */
export function readGet(key: string, parameters: UrlParameters): GetRequest {
  const type = parameters.text('type');
  const follows = parameters.flag('point') === true;
  const subKeys = follows ? (parameters.text('sub')?.split(',') ?? []) : [];
  parameters.end();
  return { command: follows ? { op: 'getPointer', key, subKeys } : { op: 'getEntry', key }, follows, type };
}

export function readFind(parameters: UrlParameters): FindRequest {
  const pattern = parameters.text('find');
  if (pattern === undefined)
    throw failure('ER_BAD_PARAMETER', 'find is missing: a pattern of keys, as /v1/keys?find=user.*');
  const filterText = parameters.text('filter');
  const filter = filterText === undefined ? undefined : readFilter(parseJson(filterText, 'filter'), 'filter: ');
  const superKeys = parameters.number('super_keys');
  const query = given({ find: pattern, filter, superKeys }) as KeySetQuery;
  if (parameters.flag('count') === true) {
    parameters.end();
    const counting = { op: 'count', pattern, ...given({ filter }) } as const;
    return { command: superKeys === undefined ? counting : { op: 'countKeys', query }, keysOnly: false };
  }
  const keysOnly = parameters.flag('keys_only') ?? superKeys !== undefined;
  const page = given({
    limit: parameters.number('limit'),
    cursor: parameters.text('cursor'),
    reverse: parameters.flag('reverse'),
  });
  const orderBy = parameters.text('order_by') as FindOptions['orderBy'];
  const point = parameters.flag('point');
  parameters.end();
  if (superKeys !== undefined && (!keysOnly || orderBy === 'value' || point === true))
    throw failure(
      'ER_BAD_PARAMETER',
      'super_keys: a set of keys has no values; leave keys_only=false, order_by and point out',
    );
  if (keysOnly && orderBy !== 'value' && point !== true)
    return { command: { op: 'findKeys', query, options: page }, keysOnly };
  return {
    command: { op: 'find', pattern, ...given({ filter }), options: { ...page, ...given({ orderBy, point }) } },
    keysOnly,
  };
}

/** For PUT: by parameters, or by If-Match (a version, or `*`) and If-None-Match (`*`). */
export function readPutOptions(parameters: UrlParameters, request: IncomingMessage): PutOptions {
  const options = given({
    ttl: parameters.number('ttl'),
    expiresAt: parameters.number('expires_at'),
    keepTtl: parameters.flag('keep_ttl'),
    ifAbsent: parameters.flag('if_absent'),
    ifPresent: parameters.flag('if_present'),
    ifVersion: parameters.number('if_version'),
  });
  parameters.end();
  const match = readMatch(request);
  const absent = request.headers['if-none-match'];
  if (absent !== undefined && absent !== '*')
    throw new HttpFailure(400, 'HTTP_BAD_REQUEST', "If-None-Match of a PUT is '*': put where nothing is");
  return {
    ...options,
    ...(match === '*' ? { ifPresent: true } : given({ ifVersion: match })),
    ...given({ ifAbsent: absent && true }),
  };
}

/** If-Match, of one version. */
export function readMatch({ headers }: IncomingMessage): number | '*' | undefined {
  const match = headers['if-match'];
  if (match === undefined || match === '*') return match;
  const version = versionOf(match);
  if (version === null)
    throw new HttpFailure(
      400,
      'HTTP_BAD_REQUEST',
      `If-Match is '*' or one version as ETag gives it, not ${match.slice(0, 100)}`,
    );
  return version;
}

export function etagOf(version: number): string {
  return `"${version}"`;
}

/** Whether If-None-Match of a GET names the version. */
export function isKnownVersion({ headers }: IncomingMessage, version: number): boolean {
  const known = headers['if-none-match'];
  return known !== undefined && (known === '*' || known.split(',').some((etag) => versionOf(etag.trim()) === version));
}

function versionOf(etag: string): number | null {
  const digits = /^(?:W\/)?"(\d{1,16})"$/.exec(etag)?.[1];
  return digits === undefined ? null : Number(digits);
}
