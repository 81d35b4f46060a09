/** Channels: who listens to which, and messages to them. Channels live in this process alone and keep nothing: who does not listen does not hear. */
import { parseGlob, type RedisGlob } from '../../keys/redis/glob.ts';

/** `subscribe`: to channels by name, `psubscribe`: to all that a pattern matches. Bytes are as they were sent. */
export interface Subscriber {
  message(channel: Buffer, message: Buffer): void;
  patternMessage(pattern: Buffer, channel: Buffer, message: Buffer): void;
}

export class PubSub {
  /** By the channel's bytes as Latin-1. */
  readonly #channels = new Map<string, Set<Subscriber>>();
  readonly #patterns = new Map<string, { readonly glob: RedisGlob; readonly subscribers: Set<Subscriber> }>();

  get channels(): readonly string[] {
    return [...this.#channels.keys()];
  }

  get patternCount(): number {
    return this.#patterns.size;
  }

  subscriberCount(channel: string): number {
    return this.#channels.get(channel)?.size ?? 0;
  }

  subscribe(channel: string, subscriber: Subscriber): void {
    const subscribers = this.#channels.get(channel);
    if (subscribers === undefined) this.#channels.set(channel, new Set([subscriber]));
    else subscribers.add(subscriber);
  }

  unsubscribe(channel: string, subscriber: Subscriber): void {
    const subscribers = this.#channels.get(channel);
    subscribers?.delete(subscriber);
    if (subscribers?.size === 0) this.#channels.delete(channel);
  }

  subscribePattern(pattern: string, subscriber: Subscriber): void {
    const known = this.#patterns.get(pattern);
    if (known === undefined)
      this.#patterns.set(pattern, { glob: parseGlob(pattern), subscribers: new Set([subscriber]) });
    else known.subscribers.add(subscriber);
  }

  unsubscribePattern(pattern: string, subscriber: Subscriber): void {
    const known = this.#patterns.get(pattern);
    known?.subscribers.delete(subscriber);
    if (known?.subscribers.size === 0) this.#patterns.delete(pattern);
  }

  /** The number of those who were told; one who listens in two ways counts twice. */
  publish(channel: Buffer, message: Buffer): number {
    const name = channel.toString('latin1');
    let told = 0;
    for (const subscriber of this.#channels.get(name) ?? []) {
      subscriber.message(channel, message);
      told++;
    }
    for (const [pattern, { glob, subscribers }] of this.#patterns) {
      if (!glob.matches(name)) continue;
      for (const subscriber of subscribers) {
        subscriber.patternMessage(Buffer.from(pattern, 'latin1'), channel, message);
        told++;
      }
    }
    return told;
  }
}
