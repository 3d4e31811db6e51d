import { RedisScript } from '../redis-script.js';
import { PROLOGUE } from './prologue.js';

/**
 * Places what a process has published in one tick. A message is an entry of its channel's stream, with the position as its
 * id, and in it the position of the channel's message before it (`p`), the time (`t`) and the message (`m`). The end of a
 * channel is an entry right behind its last one, with the time until which it is remembered (`e`). One that follows no
 * message of the same life of the channel has a position of its own: by that it is another one than the end before. It
 * says, too, which message was the newest before it (`p`), for that is what is lost when the channel begins again.
 *
 * All that could fail is looked at before the first write, for a script is not undone. A batch that comes twice, because its
 * answer was lost, gets the same answer again.
 *
 * KEYS: state, marks, producer, then the channels. ARGV, after those of the prologue: number of the batch; for each channel
 * how many messages are kept and for how long (ms); then runs of messages of one channel: index of the channel, how long its
 * end is remembered (ms; empty for no end), how many messages, the messages.
 *
 * Answers `<epoch>`, and for each run, after a space: `<position of the first message, or of the end>`, `closed:<position>`,
 * or `error:<text, encoded>`.
 */
export const PUBLISH = new RedisScript(`${PROLOGUE}
local function fieldsOf(entry)
  local fields = {}
  for i = 1, #entry[2], 2 do
    fields[entry[2][i]] = entry[2][i + 1]
  end
  return fields
end

local function positionOf(entry)
  local position, half = string.match(entry[1], '^(%d+)-(%d+)$')
  return tonumber(position), half
end

local channels = #KEYS - 3
local number = tonumber(ARGV[4])
local done = redis.call('HMGET', KEYS[3], 'number', 'answer')
if done[1] and tonumber(done[1]) >= number then
  return tonumber(done[1]) == number and done[2] or redis.error_reply('STALE a later batch has been placed already')
end

-- Texts, for numbers are slow to hand to a command.
local nowText = text(now)
local known = {}
local longest = 0
for c = 1, channels do
  local max, age = ARGV[3 + 2 * c], tonumber(ARGV[4 + 2 * c])
  local channel = { key = KEYS[3 + c], max = max, age = age, expires = age + MARK_MS, prev = 0 }
  local last = redis.pcall('XREVRANGE', channel.key, '+', '-', 'COUNT', '1')
  if last.err then
    channel.failure = last.err
  elseif last[1] then
    local position, half = positionOf(last[1])
    channel.prev = position
    channel.newest = text(position)
    if half ~= '0' then
      local fields = fieldsOf(last[1])
      channel.newest = fields.p
      channel.closed = tonumber(fields.e) > now and position or nil
      channel.over = not channel.closed
    end
  end
  longest = math.max(longest, age)
  known[c] = channel
end

local runs, positions = {}, 0
local at = 5 + 2 * channels
while at <= #ARGV do
  local count = tonumber(ARGV[at + 2])
  runs[#runs + 1] = { channel = known[tonumber(ARGV[at])], tombstone = tonumber(ARGV[at + 1]), first = at + 3, count = count }
  positions = positions + count + (runs[#runs].tombstone and 1 or 0)
  at = at + 3 + count
end

local reserved = seq + positions
local marks = now - marked >= MARK_MS
keep = math.max(keep, longest)
redis.call('HSET', KEYS[1], 'seq', text(reserved), 'marked', text(marks and now or marked), 'keep', text(keep))
if marks then
  redis.call('ZADD', KEYS[2], text(now), text(seq))
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. text(now - keep - 2 * MARK_MS))
end

local function begin(channel)
  if channel.over then
    redis.call('DEL', channel.key)
    channel.over = false
  end
end

local function place(channel, first, count)
  begin(channel)
  local start, before = text(seq + 1), text(channel.prev)
  local previous = channel.newest or text(positionBefore(channel.age))
  for i = first, first + count - 1 do
    seq = seq + 1
    local position = text(seq)
    if channel.max ~= '0' then
      redis.call('XADD', channel.key, 'MAXLEN', '~', channel.max, position .. '-0', 'p', previous, 't', nowText, 'm', ARGV[i])
    end
    previous = position
  end
  if channel.max == '0' then
    redis.call('XADD', channel.key, 'MAXLEN', '1', previous .. '-0', 'p', previous, 't', nowText)
  end
  channel.prev = seq
  channel.newest = previous
  channel.touched = true
  redis.call('PUBLISH', channel.key, 'm' .. before .. ' ' .. start .. '\\n' .. table.concat(ARGV, '', first, first + count - 1))
  return start
end

local function close(channel, tombstone)
  channel.newest = channel.newest or text(positionBefore(channel.age))
  if channel.over or channel.prev == 0 then
    seq = seq + 1
    channel.prev = seq
  end
  begin(channel)
  local position = channel.prev
  redis.call('XADD', channel.key, text(position) .. '-1', 'e', text(now + tombstone), 'p', channel.newest)
  redis.call('PUBLISH', channel.key, 'e' .. text(position) .. ' ' .. text(tombstone))
  channel.expires = math.max(channel.expires, tombstone + MARK_MS)
  channel.closed = tombstone > 0 and position or nil
  channel.over = tombstone == 0
  channel.touched = true
  return position
end

local answers = { epoch }
for r, run in ipairs(runs) do
  local channel = run.channel
  local answer
  if channel.failure then
    answer = 'error:' .. string.gsub(channel.failure, '[%s%%]', '_')
  elseif channel.closed then
    answer = run.tombstone and text(channel.closed) or 'closed:' .. text(channel.closed)
  else
    if run.count > 0 then
      answer = place(channel, run.first, run.count)
    end
    if run.tombstone then
      answer = text(close(channel, run.tombstone))
    end
  end
  answers[r + 1] = answer
end
for _, channel in ipairs(known) do
  if channel.touched then
    redis.call('PEXPIRE', channel.key, text(channel.expires))
  end
end
local answer = table.concat(answers, ' ')
redis.call('HSET', KEYS[3], 'number', text(number), 'answer', answer)
redis.call('PEXPIRE', KEYS[3], '600000')
return answer
`);
