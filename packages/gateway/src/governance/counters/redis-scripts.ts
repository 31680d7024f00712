import { createHash } from 'node:crypto';
import { CALENDAR_GRACE_MS } from './calendar-count.ts';

/** A Lua script, called by its hash and sent in whole where Redis does not know it. */
export interface RedisScript {
  readonly text: string;
  readonly sha: string;
}

/*
 * A rolling count is a hash: the slot's number to what was counted in it, `t` the total, `f` and `l` the first and last
 * slot there is. Slots that have left are deleted when the key is next looked at, each once, so a look costs the same
 * however much is counted. A calendar count is a number. Keys leave by themselves after their window.
 *
 * Lua's numbers are exact up to 2^53; `%.0f` writes them without an exponent.
 */
const COMMON = `
local SLOTS, BACKWARD = 60, 5
local function text(number) return string.format('%.0f', number) end

local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function rolling(key, ms, now)
  local slot = math.floor(now * SLOTS / ms)
  local found = redis.call('HMGET', key, 't', 'f', 'l')
  local count = { kind = 'r', key = key, ms = ms, slot = slot, used = 0, pending = 0 }
  if not found[1] then return count end
  local total, first, last = tonumber(found[1]), tonumber(found[2]), tonumber(found[3])
  if slot < last - BACKWARD then
    redis.call('DEL', key)
    redis.call('HSET', key, text(slot), text(total), 't', text(total), 'f', text(slot), 'l', text(slot))
    redis.call('PEXPIRE', key, text(ms * 2))
    first, last = slot, slot
  elseif slot < last then
    slot, count.slot = last, last
  end
  if last <= slot - SLOTS or total <= 0 then
    redis.call('DEL', key)
    return count
  end
  if first <= slot - SLOTS then
    while first < last do
      local amount = redis.call('HGET', key, text(first))
      if amount then
        amount = tonumber(amount)
        if first > slot - SLOTS and amount > 0 then break end
        total = total - amount
        redis.call('HDEL', key, text(first))
      end
      first = first + 1
    end
    redis.call('HSET', key, 't', text(total), 'f', text(first))
  end
  count.used, count.first, count.last = total, first, last
  return count
end

local function leaves(count, slot) return math.ceil((slot + SLOTS) * count.ms / SLOTS) end

local function addRolling(count, slot, amount)
  local key, field = count.key, text(slot)
  if slot == count.slot and amount > 0 then
    redis.call('HINCRBY', key, field, text(amount))
  else
    local before = tonumber(redis.call('HGET', key, field) or '0')
    local after = math.max(0, before + amount)
    amount = after - before
    if amount == 0 then return end
    redis.call('HSET', key, field, text(after))
  end
  count.used = count.used + amount
  if not count.first or slot < count.first then count.first = slot end
  if not count.last or slot > count.last then count.last = slot end
  while count.first < count.last and (redis.call('HGET', key, text(count.first)) or '0') == '0' do
    redis.call('HDEL', key, text(count.first))
    count.first = count.first + 1
  end
  redis.call('HSET', key, 't', text(count.used), 'f', text(count.first), 'l', text(count.last))
  redis.call('PEXPIRE', key, text(math.ceil(count.ms * 1.1) + 1000))
end

local function saveCalendar(count, now)
  redis.call('SET', count.key, text(count.used), 'PX', text(math.max(0, count.ends - now) + ${CALENDAR_GRACE_MS}))
end
`;

/*
 * KEYS: one for each charge. ARGV: mode (`reserve`, `read`), time (empty: Redis's own), number of groups, the size of
 * each; then five for each charge: kind (`r`, `c`), length in ms or end of the window, limit, amount, seed (empty: not
 * known yet). Answers
 *   {2, index…} seeds are needed for these charges, nothing was counted
 *   {1, time, used, reset, …} admitted
 *   {0, time, group, wait (-1: never), used, reset, …} refused by this group
 * with `used` as text, since the client's reader of integers is not exact beyond 2^53 - 48.
 */
const RESERVE = `${COMMON}
local mode, now, groups = ARGV[1], clock(ARGV[2]), tonumber(ARGV[3])
local counts, charges, missing = {}, {}, {}
local place = 3 + groups
for index = 1, #KEYS do
  local key, kind, span = KEYS[index], ARGV[place + 1], tonumber(ARGV[place + 2])
  local limit, amount, seed = tonumber(ARGV[place + 3]), tonumber(ARGV[place + 4]), ARGV[place + 5]
  place = place + 5
  local count = counts[key]
  if not count then
    if kind == 'r' then
      count = rolling(key, span, now)
    else
      count = { kind = 'c', key = key, ends = span, used = 0, pending = 0 }
      local used = redis.call('GET', key)
      if used then
        count.used = tonumber(used)
      elseif seed == '' then
        missing[#missing + 1] = index - 1
      else
        count.used, count.seeded = tonumber(seed), true
      end
    end
    counts[key] = count
  end
  count.pending = count.pending + amount
  charges[index] = { count = count, limit = limit }
end
if #missing > 0 then return { 2, unpack(missing) } end

local function answer(...)
  local out = { ... }
  for _, charge in ipairs(charges) do
    local count, reset = charge.count, 0
    if count.kind == 'c' then
      reset = count.ends - now
    elseif count.used > 0 and count.first then
      reset = leaves(count, count.first) - now
    end
    out[#out + 1] = text(count.used)
    out[#out + 1] = math.max(0, reset)
  end
  return out
end

if mode == 'read' then return answer(1, now) end

local function wait(charge)
  local count = charge.count
  local excess = count.used + math.max(count.pending, 1) - charge.limit
  if excess > count.used then return nil end
  if count.kind == 'c' then return math.max(1, count.ends - now) end
  local leaving = 0
  for slot = count.first, count.last do
    leaving = leaving + tonumber(redis.call('HGET', count.key, text(slot)) or '0')
    if leaving >= excess then return math.max(1, leaves(count, slot) - now) end
  end
  return nil
end

local first = 0
for group = 1, groups do
  local size, room = tonumber(ARGV[3 + group]), false
  for index = first + 1, first + size do
    local count = charges[index].count
    if count.used + math.max(count.pending, 1) <= charges[index].limit then room = true end
  end
  if not room then
    local soonest = nil
    for index = first + 1, first + size do
      local ms = wait(charges[index])
      if ms and (not soonest or ms < soonest) then soonest = ms end
    end
    for _, count in pairs(counts) do
      if count.seeded then saveCalendar(count, now) end
    end
    return answer(0, now, group - 1, soonest or -1)
  end
  first = first + size
end
for _, count in pairs(counts) do
  if count.kind == 'r' then
    if count.pending > 0 then addRolling(count, count.slot, count.pending) end
  elseif count.pending > 0 or count.seeded then
    count.used = count.used + count.pending
    saveCalendar(count, now)
  end
end
return answer(1, now)
`;

/*
 * KEYS: the batch's own, then one for each correction. ARGV: time, then five for each correction: kind, length or end,
 * amount, time of the reservation, whether a missing key is made (`1`). A batch that comes twice counts once.
 */
const CORRECT = `${COMMON}
local now = clock(ARGV[1])
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', '600000') then return 0 end
for index = 2, #KEYS do
  local key, place = KEYS[index], 1 + (index - 2) * 5
  local span, amount, at = tonumber(ARGV[place + 2]), tonumber(ARGV[place + 3]), tonumber(ARGV[place + 4])
  if ARGV[place + 1] == 'r' then
    local count = rolling(key, span, now)
    local slot = math.min(math.floor(at * SLOTS / span), count.slot)
    if slot > count.slot - SLOTS and (count.first or amount > 0) then addRolling(count, slot, amount) end
  else
    local used = redis.call('GET', key)
    if used or (ARGV[place + 5] == '1' and amount > 0) then
      saveCalendar({ key = key, ends = span, used = math.max(0, tonumber(used or '0') + amount) }, now)
    end
  end
end
return 1
`;

export const reserveScript = script(RESERVE);
export const correctScript = script(CORRECT);

function script(text: string): RedisScript {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
