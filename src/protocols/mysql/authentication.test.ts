import { constants, generateKeyPairSync, publicEncrypt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decryptPassword, makeScramble, nativeHash, provesNative, provesSha2, sha2Hash } from './authentication.ts';

const scramble = Buffer.from('0102030405060708090a0b0c0d0e0f1011121314', 'hex');

describe('mysql_native_password', () => {
  it("knows MySQL's PASSWORD() digest", () => {
    // SELECT PASSWORD('secret') on MariaDB 10.11, without its asterisk.
    expect(nativeHash(Buffer.from('secret')).toString('hex').toUpperCase()).toBe(
      '14E65567ABDB5135D0CFD9A70B3032C179A49EE7',
    );
  });

  it('accepts the answer of the right password only', () => {
    // By mysql2's auth41: SHA1(password) XOR SHA1(scramble + SHA1(SHA1(password))).
    const answer = Buffer.from('b32bb3a583e1340c0a1108d58b1be49781ad8c2f', 'hex');
    expect(provesNative(answer, scramble, nativeHash(Buffer.from('secret')))).toBe(true);
    expect(provesNative(answer, scramble, nativeHash(Buffer.from('Secret')))).toBe(false);
    expect(provesNative(answer.subarray(1), scramble, nativeHash(Buffer.from('secret')))).toBe(false);
    expect(provesNative(answer, makeScramble(), nativeHash(Buffer.from('secret')))).toBe(false);
  });
});

describe('caching_sha2_password', () => {
  it('accepts the answer of the right password only', () => {
    const answer = Buffer.from('746ebe205d56a0707acb3e796e834e0dd7b1d61743b26bd5202c7a623230c7c9', 'hex');
    expect(provesSha2(answer, scramble, sha2Hash(Buffer.from('secret')))).toBe(true);
    expect(provesSha2(answer, scramble, sha2Hash(Buffer.from('Secret')))).toBe(false);
    expect(provesSha2(Buffer.alloc(0), scramble, sha2Hash(Buffer.from('secret')))).toBe(false);
  });

  it('decrypts a password, and nothing else', () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const masked = Buffer.from('secret\0').map((byte, i) => byte ^ (scramble[i % 20] as number));
    const encrypted = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING }, masked);
    expect(Buffer.from(decryptPassword(encrypted, privateKey, scramble) ?? []).toString()).toBe('secret\0');
    expect(decryptPassword(encrypted.subarray(3), privateKey, scramble)).toBeNull();
  });
});

describe('makeScramble', () => {
  it('makes 20 bytes of ASCII that no client takes for an end', () => {
    const bytes = Array.from({ length: 1000 }, () => [...makeScramble()]).flat();
    expect(bytes).toHaveLength(20_000);
    expect(bytes.filter((byte) => byte === 0 || byte > 127 || byte === 0x24)).toEqual([]);
  });
});
