import { describe, expect, it } from 'vitest';
import { readRequest } from './request.ts';

const read = (document: unknown): unknown =>
  readRequest(Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)));

describe('readRequest', () => {
  it('reads the two requests that there are', () => {
    expect(read({ user: 'u', password: 'p', type: 'login' })).toEqual({
      type: 'login',
      user: 'u',
      password: 'p',
      database: 'main',
    });
    expect(read({ user: 'u', type: 'login', database: 'shop' })).toMatchObject({ password: '', database: 'shop' });
    expect(read({ sign: 's', type: 'sql', data: 'select 1' })).toEqual({ type: 'sql', sign: 's', text: 'select 1' });
  });

  it.each(['set', ' SET ; ', 'set;'])('%j shows the configuration', (data) => {
    expect(read({ sign: 's', type: 'sql', data })).toMatchObject({ text: "SHOW VARIABLES LIKE 'sluice\\_%'" });
  });

  it.each<[document: unknown, code: string, message: RegExp]>([
    ['{"type":}', 'SLUICE_JSON_DOCUMENT', /unexpected "}" at position 8/],
    ['{"type":"sql"} {', 'SLUICE_JSON_DOCUMENT', /unexpected/],
    ['[]', 'SLUICE_JSON_DOCUMENT', /no object/],
    [{}, 'ER_BAD_PARAMETER', /type is missing; there are "login" and "sql"/],
    [{ type: 'SQL' }, 'ER_BAD_PARAMETER', /type is "SQL"/],
    [{ type: 5 }, 'ER_BAD_PARAMETER', /type is no string/],
    [{ type: 'sql', data: 'select 1' }, 'ER_BAD_PARAMETER', /sign is missing/],
    [{ type: 'sql', sign: 's', data: 5 }, 'ER_BAD_PARAMETER', /data is not a string/],
    [{ type: 'sql', sign: 's', data: 'select 1', keepAlive: true }, 'ER_BAD_PARAMETER', /unknown member "keepAlive"/],
    [{ type: 'login' }, 'ER_BAD_PARAMETER', /user is missing/],
    [{ type: 'sql', sign: 's', data: ' \n' }, 'ER_PARSE_ERROR', /syntax/],
    [{ type: 'sql', sign: 's' }, 'ER_PARSE_ERROR', /syntax/],
  ])('%j is %s', (document, code, message) => {
    expect(() => read(document)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  it('refuses bytes that are no UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"type":"'), Buffer.of(0xff, 0xc0), Buffer.from('"}')]);
    expect(() => readRequest(bytes)).toThrow(/bytes that are no UTF-8/);
  });
});
