/**
 * What joins the instances of an application through Redis: channels, cursors of receivers, leases, tickets.
 *
 * @module nestjs-event-stream/redis
 */

export type { RedisConnectionOptions } from './check-redis-options.js';
export type { IoredisClient } from './ioredis-link.js';
export type { NodeRedisClient } from './node-redis-link.js';
export { redisBackplane } from './redis-backplane.js';
export type { RedisBackplaneOptions } from './redis-backplane-options.js';
export { type RedisCursorStoreOptions, redisCursorStore } from './redis-cursor-store.js';
export { type RedisLeasesOptions, redisLeases } from './redis-leases.js';
export { type RedisTicketStoreOptions, redisTicketStore } from './redis-ticket-store.js';
