import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Loopback ports that nobody listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held until the last is known: a port that was let go could be handed out again.
  const holders = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const holder of holders) {
    holder.listen(0, '127.0.0.1');
    await once(holder, 'listening');
    ports.push((holder.address() as AddressInfo).port);
  }
  for (const holder of holders) {
    holder.close();
    await once(holder, 'close');
  }
  return ports;
}

/** One such port. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no free port');
  return port;
}
