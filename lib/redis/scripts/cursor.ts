import { RedisScript } from '../redis-script.js';

/** Both scripts refuse what they cannot understand, before they write anything. */
const FENCE = `
local stored = redis.call('HGET', KEYS[1], 'fence')
local fence = tonumber(stored or 0)
if not fence or fence % 1 ~= 0 or fence < 0 or fence >= 9007199254740992 then
  return redis.error_reply('UNREADABLE the fence is ' .. stored)
end
`;

/**
 * Gives the next fence, and the id, if there is one. A fence is the time in microseconds since 2025, or one more than the one
 * before: also where Redis has lost the one before, it is greater.
 *
 * KEYS: the cursor. Answers the fence, and the id where one is stored.
 */
export const LOAD_CURSOR = new RedisScript(`${FENCE}
local clock = redis.call('TIME')
local now = (clock[1] - 1735689600) * 1000000 + clock[2]
local id = redis.call('HGET', KEYS[1], 'id')
local given = string.format('%.0f', math.max(fence + 1, now))
redis.call('HSET', KEYS[1], 'fence', given)
return id and { given, id } or { given }
`);

/**
 * Saves an id, unless a later fence was given. One that is stored with an earlier fence, or not at all, was lost by Redis:
 * then whoever saves is the holder still, and what he saves is put right again.
 *
 * KEYS: the cursor. ARGV: the id, the fence. Answers 1, or 0 for a fence that is stale.
 */
export const SAVE_CURSOR = new RedisScript(`${FENCE}
if fence > tonumber(ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'fence', ARGV[2])
return 1
`);
