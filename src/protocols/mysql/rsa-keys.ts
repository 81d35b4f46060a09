/**
 * The key pair for caching_sha2_password's full authentication without TLS. Making one takes a tenth of a second or more, in a thread of
 * its own, so it is made when a client first asks for it.
 */

import type { KeyObject } from 'node:crypto';
import { generateKeyPair } from 'node:crypto';

const MODULUS_BITS = 2048;

export interface RsaKeys {
  readonly privateKey: KeyObject;
  readonly publicKeyPem: string;
}

export class LazyRsaKeys {
  #keys: Promise<RsaKeys> | null = null;

  get(): Promise<RsaKeys> {
    this.#keys ??= new Promise((resolve, reject) => {
      generateKeyPair('rsa', { modulusLength: MODULUS_BITS }, (error, publicKey, privateKey) => {
        if (error) reject(error);
        else resolve({ privateKey, publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() });
      });
    });
    return this.#keys;
  }
}
