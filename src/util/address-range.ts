/** Addresses of clients and ranges of them: `10.0.0.0/8`, `::1`, `192.168.1.7`. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

export class AddressRanges {
  readonly #ranges = new BlockList();

  /** Throws an Error that says what is wrong with which. */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) this.#add(range);
  }

  /** `localhost` is 127.0.0.1. */
  has(address: string): boolean {
    const plain = address === 'localhost' ? '127.0.0.1' : address.replace(/^::ffff:(?=\d+\.)/i, '');
    if (isIPv4(plain)) return this.#ranges.check(plain, 'ipv4');
    return isIPv6(plain) && this.#ranges.check(plain, 'ipv6');
  }

  #add(range: string): void {
    const [address = '', bits, ...more] = range.split('/');
    const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : null;
    if (family === null || more.length > 0)
      throw new Error(`${JSON.stringify(range)} is not an address or a range such as 10.0.0.0/8`);
    const most = family === 'ipv4' ? 32 : 128;
    const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
    if (!(prefix >= 0 && prefix <= most))
      throw new Error(`${JSON.stringify(range)}: /0 to /${most} is what can follow it`);
    this.#ranges.addSubnet(address, prefix, family);
  }
}
