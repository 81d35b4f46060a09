/**
 * The client's half of MySQL's password proofs ("Native Authentication", "Caching SHA-2 Pluggable Authentication") and of MariaDB's ("Authentication Plugin - ed25519"):
 * the password itself is never sent without encryption.
 */
import { constants, createHash, publicEncrypt } from 'node:crypto';
import { Point } from '@noble/ed25519';

export const NATIVE_PASSWORD = 'mysql_native_password';
export const CACHING_SHA2_PASSWORD = 'caching_sha2_password';

export const ED25519 = 'client_ed25519';

const PROOFS: ReadonlyMap<string, (password: string, scramble: Uint8Array) => Buffer> = new Map([
  [NATIVE_PASSWORD, nativeProof],
  [CACHING_SHA2_PASSWORD, sha2Proof],
  [ED25519, ed25519Proof],
]);

/** What proves the password to `plugin` for this scramble; null for a plugin that is not known. */
export function proof(plugin: string, password: string, scramble: Uint8Array): Buffer | null {
  const prove = PROOFS.get(plugin);
  if (prove === undefined) return null;
  return password === '' ? Buffer.alloc(0) : prove(password, scramble);
}

/** SHA1(password) XOR SHA1(scramble + SHA1(SHA1(password))) */
function nativeProof(password: string, scramble: Uint8Array): Buffer {
  const once = digest('sha1', Buffer.from(password));
  return xor(once, digest('sha1', scramble, digest('sha1', once)));
}

/** SHA256(password) XOR SHA256(SHA256(SHA256(password)) + scramble) */
function sha2Proof(password: string, scramble: Uint8Array): Buffer {
  const once = digest('sha256', Buffer.from(password));
  return xor(once, digest('sha256', digest('sha256', once), scramble));
}

/**
 * A signature of the scramble as RFC 8032 makes it (5.1.6), with the password in the place of the private key's 32 bytes, however long it is. So nothing that
 * signs by such a key can be used, and the one multiplication on the curve is a library's.
 */
function ed25519Proof(password: string, scramble: Uint8Array): Buffer {
  const expanded = digest('sha512', Buffer.from(password));
  const [key, prefix] = [expanded.subarray(0, 32), expanded.subarray(32)];
  key[0] = (key[0] as number) & 0xf8;
  key[31] = ((key[31] as number) & 0x7f) | 0x40;
  const secret = scalar(key);
  const nonce = scalar(digest('sha512', prefix, scramble));
  const commitment = pointAt(nonce);
  const challenge = scalar(digest('sha512', commitment, pointAt(secret), scramble));
  const response = (nonce + challenge * secret) % ORDER;
  return Buffer.concat([commitment, Buffer.from(response.toString(16).padStart(64, '0'), 'hex').reverse()]);
}

/** Of the curve's base point. */
const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

function scalar(littleEndian: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(littleEndian).reverse().toString('hex')}`) % ORDER;
}

function pointAt(factor: bigint): Uint8Array {
  return Point.BASE.multiply(factor).toBytes();
}

/** The password for a server that has not cached its digest, over a connection without TLS: encrypted with the server's public key. */
export function encryptPassword(password: string, scramble: Uint8Array, publicKeyPem: string): Buffer {
  const plain = xor(Buffer.from(`${password}\0`), scramble);
  return publicEncrypt({ key: publicKeyPem, padding: constants.RSA_PKCS1_OAEP_PADDING }, plain);
}

function digest(algorithm: string, ...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** `key` is repeated as often as needed. */
function xor(bytes: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte, i) => byte ^ (key[i % key.length] as number)));
}
