import { RedisScript } from '../redis-script.js';

/**
 * Takes a lease that is free, or is ours already: an answer may have been lost.
 *
 * KEYS: the lease. ARGV: our token, milliseconds. Answers `''`, or the token of who holds it.
 */
export const ACQUIRE_LEASE = new RedisScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return holder
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ''
`);

/** KEYS: the lease. ARGV: our token, milliseconds. Answers 1, or 0 where it is not ours. */
export const RENEW_LEASE = new RedisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

/** KEYS: the lease. ARGV: our token. Answers 1, or 0 where it is not ours. */
export const RELEASE_LEASE = new RedisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('DEL', KEYS[1])
`);
