/** Channels: messages to whoever listens just then. */

import { parseGlob } from '../../../keys/redis/glob.ts';
import type { Arguments } from '../arguments.ts';
import { wordOf } from '../arguments.ts';
import type { Client } from '../client.ts';
import { type Command, commandsOf, NO_KEYS, type RunHere } from '../command.ts';
import { unknownSubcommand } from '../redis-error.ts';
import type { ReplyWriter } from '../reply-writer.ts';

type Kind = 'subscribe' | 'unsubscribe' | 'psubscribe' | 'punsubscribe';

function confirm(out: ReplyWriter, kind: Kind, name: string | null, client: Client): void {
  out.push(3);
  out.bulk(kind);
  if (name === null) out.null();
  else out.bulk(Buffer.from(name, 'latin1'));
  out.integer(client.subscriptions);
}

function namesOf(args: Arguments): string[] {
  return args.slice(1).map((name) => name.toString('latin1'));
}

const subscribe: RunHere = (args, client, out) => {
  for (const channel of namesOf(args)) {
    client.channels.add(channel);
    client.pubSub.subscribe(channel, client.subscriber);
    confirm(out, 'subscribe', channel, client);
  }
};

const psubscribe: RunHere = (args, client, out) => {
  for (const pattern of namesOf(args)) {
    client.patterns.add(pattern);
    client.pubSub.subscribePattern(pattern, client.subscriber);
    confirm(out, 'psubscribe', pattern, client);
  }
};

const unsubscribe: RunHere = (args, client, out) => {
  const channels = args.length > 1 ? namesOf(args) : [...client.channels];
  for (const channel of channels) {
    client.channels.delete(channel);
    client.pubSub.unsubscribe(channel, client.subscriber);
    confirm(out, 'unsubscribe', channel, client);
  }
  if (channels.length === 0) confirm(out, 'unsubscribe', null, client);
};

const punsubscribe: RunHere = (args, client, out) => {
  const patterns = args.length > 1 ? namesOf(args) : [...client.patterns];
  for (const pattern of patterns) {
    client.patterns.delete(pattern);
    client.pubSub.unsubscribePattern(pattern, client.subscriber);
    confirm(out, 'punsubscribe', pattern, client);
  }
  if (patterns.length === 0) confirm(out, 'punsubscribe', null, client);
};

/** Messages outlive the bytes that they came in. */
const publish: RunHere = (args, client, out) => {
  out.integer(client.pubSub.publish(args[1]!, args[2]!));
};

const pubsub: RunHere = (args, client, out) => {
  const word = wordOf(args[1]!);
  if (word === 'CHANNELS' && args.length <= 3) {
    const glob = args[2] === undefined ? null : parseGlob(args[2].toString('latin1'));
    const channels = client.pubSub.channels.filter((channel) => glob === null || glob.matches(channel));
    out.array(channels.length);
    for (const channel of channels) out.bulk(Buffer.from(channel, 'latin1'));
  } else if (word === 'NUMSUB') {
    const channels = args.slice(2);
    out.array(channels.length * 2);
    for (const channel of channels) {
      out.bulk(channel);
      out.integer(client.pubSub.subscriberCount(channel.toString('latin1')));
    }
  } else if (word === 'NUMPAT' && args.length === 2) out.integer(client.pubSub.patternCount);
  else throw unknownSubcommand('PUBSUB', args[1]!);
};

export const PUB_SUB_COMMANDS: readonly Command[] = commandsOf('pubsub', [
  ['subscribe', -2, 'pubsub subscriber', NO_KEYS, 'Listens to channels', { run: subscribe }],
  ['psubscribe', -2, 'pubsub subscriber', NO_KEYS, 'Listens to all channels that patterns match', { run: psubscribe }],
  ['unsubscribe', -1, 'pubsub subscriber', NO_KEYS, 'Listens to channels no more', { run: unsubscribe }],
  ['punsubscribe', -1, 'pubsub subscriber', NO_KEYS, 'Listens to patterns no more', { run: punsubscribe }],
  ['publish', 3, 'pubsub fast', NO_KEYS, 'Sends a message to who listens to a channel', { run: publish }],
  [
    'pubsub',
    -2,
    'pubsub',
    NO_KEYS,
    'Tells of channels and who listens',
    { run: pubsub, subcommands: ['channels', 'numsub', 'numpat'] },
  ],
]);
