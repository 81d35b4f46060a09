/** Which clients are sent away when they say nothing for too long: those that hold a connection of no use to anyone meanwhile. HTTP looks after its own. */
import type { ClientInfo } from './request.ts';

export const IDLE_CLOSED: ReadonlySet<ClientInfo['protocol']> = new Set(['mysql', 'json']);
