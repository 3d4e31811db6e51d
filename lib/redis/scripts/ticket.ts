import { RedisScript } from '../redis-script.js';

// Scripts, though a command would do for each, so that tickets run in time like everything else here, and need no right that
// the rest does not: GETDEL would be one.

/** KEYS: the entry. ARGV: the value, milliseconds. */
export const PUT_TICKET = new RedisScript("return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])");

/** KEYS: the entry. Answers its value, or nil. */
export const GET_TICKET = new RedisScript("return redis.call('GET', KEYS[1])");

/** KEYS: the entry. Answers its value, or nil, to one of all who ask. */
export const TAKE_TICKET = new RedisScript(`
local value = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1])
return value
`);
