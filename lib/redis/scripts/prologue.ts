/**
 * How every script of the backplane begins: with what the log's state is, after it was put right.
 *
 * - Positions count on from the microseconds since 2025, so that one is never given twice: neither when the state is gone
 *   (then the log has a new epoch) nor when a server comes back with an older state. The latter shows in its run id, which
 *   is read here and not by the clients, for they may be told of a restart after their commands were sent again. They stay
 *   at the clock where it is ahead of them, and jump only where it is not: else a state that is lost soon after a jump would
 *   begin below positions that were given.
 * - Both are ruptures, and so is a caller who knows of a newer position than there is: what was published before may be lost,
 *   and all who listen are told so, before anything else.
 * - Marks say which position there was at what time, every ten seconds.
 *
 * KEYS: state, marks. ARGV: an epoch in case that a new one is needed, the topic of ruptures, the newest position that the
 * caller knows of.
 */
export const PROLOGUE = `
local JUMP = 4294967296
local ORIGIN = 1735689600000000
local MARK_MS = 10000
local function text(number) return string.format('%.0f', number) end

local clock = redis.call('TIME')
local micros = clock[1] * 1000000 + clock[2]
local now = math.floor(micros / 1000)
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
local state = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'run', 'rupture', 'marked', 'keep')
local epoch, seq, rupture = state[1], tonumber(state[2]), tonumber(state[4])
local marked, keep = tonumber(state[5]) or 0, tonumber(state[6]) or 0
local newest = tonumber(ARGV[3])
if not epoch or not seq or run ~= state[3] or newest > seq then
  if not epoch or not seq then
    epoch, seq = ARGV[1], 0
  end
  newest = math.max(newest, seq)
  seq = micros - ORIGIN > newest and micros - ORIGIN or newest + JUMP
  rupture = seq
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'seq', text(seq), 'run', run, 'rupture', text(rupture))
  redis.call('PUBLISH', ARGV[2], text(rupture))
end

-- A position below which nothing lies that is younger than ageMs, by a mark at most.
local function positionBefore(ageMs)
  local mark = redis.call('ZRANGE', KEYS[2], text(now - ageMs - MARK_MS), '+inf', 'BYSCORE', 'LIMIT', 0, 1)[1]
  return tonumber(mark) or seq
end
`;
