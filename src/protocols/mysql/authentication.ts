/**
 * The two password proofs, as functions over bytes. Source: MySQL's "Native Authentication" and "Caching SHA-2 Pluggable Authentication".
 * The server keeps a digest of a digest; a client proves that it knows the inner one without sending it.
 */

import type { KeyObject } from 'node:crypto';
import { constants, createHash, privateDecrypt, randomBytes, timingSafeEqual } from 'node:crypto';

export const NATIVE_PASSWORD = 'mysql_native_password';
export const CACHING_SHA2_PASSWORD = 'caching_sha2_password';
export type AuthPlugin = typeof NATIVE_PASSWORD | typeof CACHING_SHA2_PASSWORD;

export const SCRAMBLE_BYTES = 20;

export function asAuthPlugin(name: string): AuthPlugin | null {
  return name === NATIVE_PASSWORD || name === CACHING_SHA2_PASSWORD ? name : null;
}

/** 20 random bytes from 1 to 127, without `$`: some clients read them as text that ends at a zero. */
export function makeScramble(): Buffer {
  const scramble = randomBytes(SCRAMBLE_BYTES);
  for (let i = 0; i < SCRAMBLE_BYTES; i++) {
    const byte = (scramble[i] as number) & 0x7f;
    scramble[i] = byte === 0 || byte === 0x24 ? byte + 1 : byte;
  }
  return scramble;
}

/** mysql_native_password. `stored` is SHA1(SHA1(password)), the answer SHA1(password) XOR SHA1(scramble + stored). */
export function provesNative(answer: Uint8Array, scramble: Uint8Array, stored: Uint8Array): boolean {
  if (answer.length !== 20) return false;
  return timingSafeEqual(sha1(xor(answer, sha1(scramble, stored))), stored);
}

/** caching_sha2_password. `stored` is SHA256(SHA256(password)), the answer SHA256(password) XOR SHA256(stored + scramble). */
export function provesSha2(answer: Uint8Array, scramble: Uint8Array, stored: Uint8Array): boolean {
  if (answer.length !== 32) return false;
  return timingSafeEqual(sha256(xor(answer, sha256(stored, scramble))), stored);
}

export function nativeHash(password: Uint8Array): Buffer {
  return sha1(sha1(password));
}

export function sha2Hash(password: Uint8Array): Buffer {
  return sha256(sha256(password));
}

/**
 * The password, still with its last zero, that a client has sent encrypted with our public key over a connection without TLS; null when it
 * is not.
 */
export function decryptPassword(encrypted: Uint8Array, key: KeyObject, scramble: Uint8Array): Uint8Array | null {
  try {
    return xor(privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING }, encrypted), scramble);
  } catch {
    // Whatever was sent, it is not the password: the caller answers as for a wrong one.
    return null;
  }
}

function sha1(...parts: readonly Uint8Array[]): Buffer {
  return digest('sha1', parts);
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  return digest('sha256', parts);
}

function digest(algorithm: string, parts: readonly Uint8Array[]): Buffer {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** `key` is repeated as often as needed. */
function xor(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => byte ^ (key[i % key.length] as number));
}
