import { RedisScript } from '../redis-script.js';
import { PROLOGUE } from './prologue.js';

/**
 * Reads what is kept of some channels after a position, the newest that their bounds allow, and says in the reader's inbox
 * up to where this is everything: it arrives there in order with what was published.
 *
 * KEYS: state, marks, then the channels. ARGV, after those of the prologue: the inbox, what to say in it; for each channel:
 * the position (empty for the beginning), the bounds (messages, bytes, ms).
 *
 * Answers epoch, newest position, position of the last rupture, and for each channel: its floor, position of its end (or
 * empty), ms for which that is still remembered, and then position, age and text of each message, the newest first.
 */
export const READ = new RedisScript(`${PROLOGUE}
local answer = { epoch, text(seq), text(rupture) }
for c = 1, #KEYS - 2 do
  local after, events, bytes, age = ARGV[2 + 4 * c], tonumber(ARGV[3 + 4 * c]), tonumber(ARGV[4 + 4 * c]), tonumber(ARGV[5 + 4 * c])
  local from = after == '' and '-' or '(' .. after .. '-0'
  local read = { '', '', '0' }
  local floor, oldest, to, more = nil, nil, '+', true
  local count, size = 0, 0
  while more and not floor do
    local page = redis.pcall('XREVRANGE', KEYS[2 + c], to, from, 'COUNT', 100)
    if page.err then
      -- Something else has the name of one channel: that shall not keep the others from being read.
      if not string.find(page.err, 'WRONGTYPE', 1, true) then
        return page
      end
      page, floor = {}, seq
    end
    more = #page == 100
    for _, entry in ipairs(page) do
      local position, half = string.match(entry[1], '^(%d+)-(%d)$')
      local fields = entry[2]
      to = '(' .. entry[1]
      if half == '0' then
        -- In the order in which they are written: p, t, m. Looking for their names would cost a third more.
        local elapsed, message = now - fields[4], fields[6]
        size = size + #(message or '')
        if not message or count >= events or size > bytes or elapsed >= age then
          floor = position
          break
        end
        count = count + 1
        oldest = fields[2]
        local at = #read
        read[at + 1], read[at + 2], read[at + 3] = position, elapsed, message
      else
        -- Likewise: e, p.
        local left = fields[2] - now
        if left <= 0 then
          floor = fields[4]
          break
        end
        read[2], read[3] = position, text(left)
      end
    end
  end
  read[1] = floor or oldest or text(math.max(positionBefore(age), tonumber(after) or 0))
  answer[3 + c] = read
end
if ARGV[4] ~= '' then
  redis.call('PUBLISH', ARGV[4], ARGV[5] .. ' ' .. text(seq) .. ' ' .. text(rupture) .. ' ' .. epoch)
end
return answer
`);
