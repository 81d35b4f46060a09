/**
 * The client's half of MySQL's password proofs ("Native Authentication", "Caching SHA-2 Pluggable Authentication"): the password itself is
 * never sent without encryption.
 */
import { constants, createHash, publicEncrypt } from 'node:crypto';

export const NATIVE_PASSWORD = 'mysql_native_password';
export const CACHING_SHA2_PASSWORD = 'caching_sha2_password';

/** What proves the password to `plugin` for this scramble; null for a plugin that is not known. */
export function proof(plugin: string, password: string, scramble: Uint8Array): Buffer | null {
  if (plugin !== NATIVE_PASSWORD && plugin !== CACHING_SHA2_PASSWORD) return null;
  if (password === '') return Buffer.alloc(0);
  return plugin === NATIVE_PASSWORD ? nativeProof(password, scramble) : sha2Proof(password, scramble);
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
