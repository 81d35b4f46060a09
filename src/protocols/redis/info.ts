/** INFO's text. Clients read `loading` and `redis_version`; the rest is for people. */

import { COMPATIBLE_VERSION } from './compatible-version.ts';
import type { ServerContext } from './server-context.ts';

/** How old the number of keys may be that INFO shows: counting them takes time, and some clients ask at every connect. */
const KEY_COUNT_AGE_MAX_MS = 10_000;

const SECTIONS: Readonly<Record<string, (server: ServerContext) => Record<string, string | number>>> = {
  server: (server) => ({
    redis_version: COMPATIBLE_VERSION,
    redis_mode: 'standalone',
    sluice_version: server.serverVersion,
    os: `${process.platform} ${process.arch}`,
    process_id: process.pid,
    run_id: server.runId,
    tcp_port: server.settings.get('port') ?? '',
    uptime_in_seconds: Math.floor((Date.now() - server.startedAt) / 1000),
    uptime_in_days: Math.floor((Date.now() - server.startedAt) / 86_400_000),
  }),
  clients: (server) => ({
    connected_clients: [...server.clients()].length,
    maxclients: server.settings.get('maxclients') ?? '',
    blocked_clients: 0,
  }),
  memory: () => ({ used_memory: process.memoryUsage.rss(), maxmemory: 0, maxmemory_policy: 'noeviction' }),
  persistence: () => ({ loading: 0, rdb_changes_since_last_save: 0, aof_enabled: 1 }),
  stats: (server) => ({
    total_connections_received: server.counters.connections,
    total_commands_processed: server.counters.commands,
    rejected_connections: server.counters.refused,
    pubsub_channels: server.pubSub.channels.length,
    pubsub_patterns: server.pubSub.patternCount,
  }),
  replication: () => ({ role: 'master', connected_slaves: 0 }),
  cluster: () => ({ cluster_enabled: 0 }),
  keyspace: ({ keyCount }): Record<string, string> =>
    keyCount === null || keyCount.keys === 0
      ? {}
      : { db0: `keys=${keyCount.keys},expires=${keyCount.expiring},avg_ttl=0` },
};

const ALL = new Set(['all', 'default', 'everything']);

function isWanted(section: string, asked: readonly string[]): boolean {
  return asked.length === 0 || asked.some((name) => name === section || ALL.has(name));
}

export function needsKeyCount({ keyCount }: ServerContext, asked: readonly string[]): boolean {
  return isWanted('keyspace', asked) && (keyCount === null || Date.now() - keyCount.at > KEY_COUNT_AGE_MAX_MS);
}

export function infoText(server: ServerContext, asked: readonly string[]): string {
  return Object.entries(SECTIONS)
    .filter(([section]) => isWanted(section, asked))
    .map(([section, fields]) => {
      const lines = Object.entries(fields(server)).map(([name, value]) => `${name}:${value}\r\n`);
      return `# ${section[0]!.toUpperCase()}${section.slice(1)}\r\n${lines.join('')}`;
    })
    .join('\r\n');
}
