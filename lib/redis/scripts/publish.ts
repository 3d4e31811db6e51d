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
 * answer was lost, gets the same answer again, also when the one after it was placed meanwhile. One that was sent before
 * there was an answer to the one before it is placed only if that one was.
 *
 * Of each channel the caller may say which position it knows as that of a message, so that the newest entry need not be read
 * where it is that one. What is older than a rupture may be gone with all that came after it, and is not relied on. Where
 * there is no stream at all any more, it may have held what others have placed since: then marks say what may be lost.
 *
 * KEYS: state, marks, producer, then the channels. ARGV, after those of the prologue: number of the batch, and of the first
 * that had no answer when it was sent; as JSON what it is made of (see `BatchLayout`); all its messages, one right after the
 * other.
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

local number, first = tonumber(ARGV[4]), tonumber(ARGV[5])
local done = tonumber(redis.call('HGET', KEYS[3], 'number') or 0)
if done >= number then
  local answered, answer = string.match(redis.call('HGET', KEYS[3], 'answer' .. number % 2) or '', '^(%d+) (.*)$')
  return tonumber(answered) == number and answer or redis.error_reply('STALE a later batch has been placed already')
end
if first < number and done < number - 1 then
  return redis.error_reply('EARLY the batch before this one is not placed yet')
end

local layout = cjson.decode(ARGV[6])
local limits, runs, messages = layout.limits, layout.runs, ARGV[7]
local areKnown = layout.oldest > rupture

-- Positions are texts, for numbers are slow to hand to a command. Of each channel: that of its newest entry, that of its
-- newest message, and what becomes of it.
local before, newest, limitOf, closed, over, failure, expires = {}, {}, {}, {}, {}, {}, {}
-- Newest messages that only the caller has told of.
local told = {}
local longest = 0
for c = 1, #KEYS - 3 do
  local position = areKnown and layout.known[c] or ''
  local last = redis.pcall('XREVRANGE', KEYS[3 + c], '+', position == '' and '-' or '(' .. position .. '-0', 'COUNT', '1')
  if last.err then
    failure[c] = last.err
  elseif last[1] then
    local half
    position, half = string.match(last[1][1], '^(%d+)-(%d+)$')
    before[c], newest[c] = position, position
    if half ~= '0' then
      local fields = fieldsOf(last[1])
      newest[c] = fields.p
      closed[c] = tonumber(fields.e) > now and position
      over[c] = not closed[c]
    end
  elseif position ~= '' then
    before[c], newest[c], told[c] = position, position, position
  end
  local limit = limits[layout.limitOf[c]]
  limitOf[c] = limit
  longest = math.max(longest, limit.age)
end

local reserved = seq + layout.positions
local marks = now - marked >= MARK_MS
keep = math.max(keep, longest)
redis.call('HSET', KEYS[1], 'seq', text(reserved), 'marked', text(marks and now or marked), 'keep', text(keep))
if marks then
  redis.call('ZADD', KEYS[2], text(now), text(seq))
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. text(now - keep - 2 * MARK_MS))
end

local nowText = text(now)
local function begin(c)
  if over[c] then
    redis.call('DEL', KEYS[3 + c])
    over[c] = false
  end
end

local function expire(c, ms)
  expires[c] = math.max(expires[c] or 0, ms)
end

local texts = {}
local function putOff(c, ms)
  texts[ms] = texts[ms] or text(ms)
  return redis.call('PEXPIRE', KEYS[3 + c], texts[ms])
end

-- What was told is the newest, or the stream is gone, and with it perhaps what others have placed since.
for c, position in pairs(told) do
  local age = limitOf[c].age
  if putOff(c, age + MARK_MS) == 0 then
    newest[c] = text(math.max(tonumber(position), positionBefore(age)))
    told[c] = nil
  end
end

-- The messages begin at a byte; their lengths in bytes are in the runs.
local function place(c, lengths, count, from)
  begin(c)
  local key, limit = KEYS[3 + c], limitOf[c]
  local previous = newest[c] or text(positionBefore(limit.age))
  local to, start = from - 1, nil
  for i = lengths, lengths + count - 1 do
    seq = seq + 1
    local position = text(seq)
    start = start or position
    local first = to + 1
    to = to + runs[i]
    if limit.max ~= '0' then
      redis.call('XADD', key, 'MAXLEN', '~', limit.max, position .. '-0', 'p', previous, 't', nowText, 'm', string.sub(messages, first, to))
    end
    previous = position
  end
  if limit.max == '0' then
    redis.call('XADD', key, 'MAXLEN', '1', previous .. '-0', 'p', previous, 't', nowText)
  end
  redis.call('PUBLISH', key, 'm' .. (before[c] or '0') .. ' ' .. start .. '\\n' .. string.sub(messages, from, to))
  before[c], newest[c] = previous, previous
  if not told[c] then
    expire(c, limit.age + MARK_MS)
  end
  return start, to + 1
end

local function close(c, tombstone)
  newest[c] = newest[c] or text(positionBefore(limitOf[c].age))
  if over[c] or not before[c] then
    seq = seq + 1
    before[c] = text(seq)
  end
  begin(c)
  local position = before[c]
  redis.call('XADD', KEYS[3 + c], position .. '-1', 'e', text(now + tombstone), 'p', newest[c])
  redis.call('PUBLISH', KEYS[3 + c], 'e' .. position .. ' ' .. text(tombstone))
  expire(c, math.max(limitOf[c].age, tombstone) + MARK_MS)
  closed[c] = tombstone > 0 and position
  over[c] = tombstone == 0
  return position
end

local answers = { epoch }
local at, from = 1, 1
while at <= #runs do
  local c, tombstone, count = runs[at], runs[at + 1], runs[at + 2]
  local answer
  if failure[c] then
    answer = 'error:' .. string.gsub(failure[c], '[%s%%]', '_')
  elseif closed[c] then
    answer = tombstone < 0 and 'closed:' .. closed[c] or closed[c]
  end
  if answer then
    for i = at + 3, at + 2 + count do
      from = from + runs[i]
    end
  else
    if count > 0 then
      answer, from = place(c, at + 3, count, from)
    end
    if tombstone >= 0 then
      answer = close(c, tombstone)
    end
  end
  answers[#answers + 1] = answer
  at = at + 3 + count
end
for c, ms in pairs(expires) do
  putOff(c, ms)
end
local answer = table.concat(answers, ' ')
redis.call('HSET', KEYS[3], 'number', text(number), 'answer' .. number % 2, text(number) .. ' ' .. answer)
redis.call('PEXPIRE', KEYS[3], '600000')
return answer
`);
