import { isUtf8 } from 'node:buffer';
import { failure } from '../../errors.ts';

/** The text of bytes that came from a client. Throws ER_BAD_PARAMETER, naming what they are, where they are no UTF-8. */
export function utf8Text(bytes: Buffer, what: string): string {
  if (!isUtf8(bytes)) throw failure('ER_BAD_PARAMETER', `${what}: bytes that are no UTF-8`);
  return bytes.toString('utf8');
}
