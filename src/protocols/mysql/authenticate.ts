/**
 * The dialog that proves who a client is, on connecting and in COM_CHANGE_USER. A user that does not exist is taken through the same steps
 * as one whose password is wrong.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { failure } from '../../errors.ts';
import type { Accounts } from '../../gate/request.ts';
import { AUTH_MORE_DATA_HEADER, EOF_HEADER } from '../../util/mysql-packets/constants.ts';
import type { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import type { Payload } from '../../util/mysql-packets/payload.ts';
import {
  type AuthPlugin,
  asAuthPlugin,
  CACHING_SHA2_PASSWORD,
  decryptPassword,
  makeScramble,
  NATIVE_PASSWORD,
  nativeHash,
  provesNative,
  provesSha2,
  SCRAMBLE_BYTES,
  sha2Hash,
} from './authentication.ts';
import type { LazyRsaKeys } from './rsa-keys.ts';

const REQUEST_PUBLIC_KEY = 2;
const FAST_AUTH_SUCCESS = 3;
const PERFORM_FULL_AUTHENTICATION = 4;

/** Questions and answers within one exchange; sequence ids go on. */
export interface Dialog {
  readonly out: PacketWriter;
  readonly isSecure: boolean;
  /** Sends what `out` holds and waits for the client's packet. */
  ask(): Promise<Payload>;
}

export interface Claim {
  readonly user: string;
  readonly host: string;
  /** As the client named it; empty when it cannot (no CLIENT_PLUGIN_AUTH). */
  readonly plugin: string;
  readonly answer: Uint8Array;
  /** What the answer was made from. */
  readonly scramble: Uint8Array;
  /** The plugin that the scramble was sent for: a client that prefers another one answers with nothing and waits to be asked again. */
  readonly askedPlugin: AuthPlugin;
  /** CLIENT_PLUGIN_AUTH */
  readonly canSwitch: boolean;
  /** The answer does not count; the client is asked again. */
  readonly mustSwitch?: boolean;
}

type Account = NonNullable<ReturnType<Accounts['find']>>;

/** Stands in for the digests of a user that does not exist. */
const DECOY_NATIVE = randomBytes(20);
const DECOY_SHA2 = randomBytes(32);

/** Throws ER_ACCESS_DENIED_ERROR, and what Dialog.ask() throws. */
export async function authenticate(dialog: Dialog, accounts: Accounts, keys: LazyRsaKeys, claim: Claim): Promise<void> {
  const account = accounts.find(claim.user, claim.host);
  const hasNoPassword = account !== null && account.nativeHash === null && account.sha2Hash === null;
  let { answer, scramble } = claim;
  const claimed = claim.plugin === '' ? NATIVE_PASSWORD : asAuthPlugin(claim.plugin);
  const isDummy = answer.length === 0 && claimed !== claim.askedPlugin && !hasNoPassword;
  const plugin = usablePlugin(claimed ?? claim.askedPlugin, account);
  if (claim.canSwitch && (plugin !== claimed || isDummy || claim.mustSwitch)) {
    scramble = makeScramble();
    answer = await switchPlugin(dialog, plugin, scramble);
  }
  const isEmpty = answer.length === 0 || (answer.length === 1 && answer[0] === 0);
  if (isEmpty && hasNoPassword) return;
  const proven = !isEmpty && !hasNoPassword && (await proves(dialog, keys, plugin, account, answer, scramble));
  if (!proven) throw failure('ER_ACCESS_DENIED_ERROR', claim.user, claim.host, isEmpty ? 'NO' : 'YES');
}

/** An account may be kept with SHA-256 digests only. (One with only the native digest goes through full authentication.) */
function usablePlugin(wanted: AuthPlugin, account: Account | null): AuthPlugin {
  const isSha2Only = account !== null && account.nativeHash === null && account.sha2Hash !== null;
  return isSha2Only ? CACHING_SHA2_PASSWORD : wanted;
}

export async function switchPlugin(dialog: Dialog, plugin: AuthPlugin, scramble: Uint8Array): Promise<Uint8Array> {
  const { out } = dialog;
  out.begin();
  out.u8(EOF_HEADER);
  out.nulText(plugin);
  out.bytes(scramble);
  out.u8(0);
  out.end();
  const payload = await dialog.ask();
  return Buffer.from(payload.rest());
}

function proves(
  dialog: Dialog,
  keys: LazyRsaKeys,
  plugin: AuthPlugin,
  account: Account | null,
  answer: Uint8Array,
  scramble: Uint8Array,
): boolean | Promise<boolean> {
  if (plugin === NATIVE_PASSWORD) {
    const matches = provesNative(answer, scramble, account?.nativeHash ?? DECOY_NATIVE);
    return matches && account !== null && account.nativeHash !== null;
  }
  const matches = provesSha2(answer, scramble, account?.sha2Hash ?? DECOY_SHA2);
  if (matches && account !== null && account.sha2Hash !== null) {
    writeMoreData(dialog.out, Buffer.of(FAST_AUTH_SUCCESS));
    return true;
  }
  return provesByPassword(dialog, keys, account, scramble);
}

/** caching_sha2_password's full authentication: the password itself, within TLS or encrypted with our public key. */
async function provesByPassword(
  dialog: Dialog,
  keys: LazyRsaKeys,
  account: Account | null,
  scramble: Uint8Array,
): Promise<boolean> {
  writeMoreData(dialog.out, Buffer.of(PERFORM_FULL_AUTHENTICATION));
  let sent: Uint8Array = Buffer.from((await dialog.ask()).rest());
  if (!dialog.isSecure) {
    const { privateKey, publicKeyPem } = await keys.get();
    if (sent.length === 1 && sent[0] === REQUEST_PUBLIC_KEY) {
      writeMoreData(dialog.out, Buffer.from(publicKeyPem));
      sent = Buffer.from((await dialog.ask()).rest());
    }
    const decrypted = decryptPassword(sent, privateKey, scramble.subarray(0, SCRAMBLE_BYTES));
    if (decrypted === null) return false;
    sent = decrypted;
  }
  const password = sent.at(-1) === 0 ? sent.subarray(0, -1) : sent;
  const bySha2 = timingSafeEqual(sha2Hash(password), account?.sha2Hash ?? DECOY_SHA2);
  const byNative = timingSafeEqual(nativeHash(password), account?.nativeHash ?? DECOY_NATIVE);
  return account !== null && (account.sha2Hash !== null ? bySha2 : account.nativeHash !== null && byNative);
}

function writeMoreData(out: PacketWriter, data: Uint8Array): void {
  out.begin();
  out.u8(AUTH_MORE_DATA_HEADER);
  out.bytes(data);
  out.end();
}
