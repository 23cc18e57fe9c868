// The scripts, each atomic over all of its keys.

import { CONFLICT, DUPLICATE, FAILED } from './record.ts'

// A record is `holder|tail|fingerprint`, and expires with all that is known of the key. It stands (claimed, or committed where there
// is no holder) until `tail` milliseconds before it expires; from then on the key is merely bound to its fingerprint. So a lease
// ends by itself, and Redis's own expiry is the only clock. Each script names all of its keys, and reads no clock but their expiry.
const READ = `
local PARTS = '^(.-)|(%d+)|(.*)$'
local function read(key)
  local value = redis.call('GET', key)
  if not value then return nil end
  local ttl = redis.call('PTTL', key)
  local holder, tail, mark = string.match(value, PARTS)
  local left = ttl < 0 and 1 or ttl - tail
  return { holder = holder, tail = tonumber(tail), mark = mark, ttl = ttl, left = left }
end
local function write(key, holder, tail, mark, ttl)
  redis.call('SET', key, holder .. '|' .. string.format('%.0f', tail) .. '|' .. mark, 'PX', string.format('%.0f', ttl))
end
local function bind(key, known, mark, tail)
  if mark ~= '' and (not known or known.left <= 0 and known.ttl < tail) then write(key, '', tail, mark, tail) end
end
local function differs(known, mark)
  return known.mark ~= '' and mark ~= '' and known.mark ~= mark
end
`

// KEYS: a delivery's, its own id first. ARGV: token, lease, bind, then a mark for each key.
// A claim that a client sends again because the answer was lost finds its own token, and still has it.
export const CLAIM_SET: string = `${READ}
local lease, tail = tonumber(ARGV[2]), tonumber(ARGV[3])
local known, duplicate, held = {}, false, 0
for i, key in ipairs(KEYS) do
  local record = read(key)
  if record then
    if differs(record, ARGV[i + 3]) then return ${CONFLICT} end
    if record.left > 0 and record.holder == '' then duplicate = true
    elseif record.left > held and record.holder ~= ARGV[1] then held = record.left end
    known[i] = record
  end
end
if duplicate or held > 0 then
  for i = 2, #KEYS do bind(KEYS[i], known[i], ARGV[i + 3], tail) end
  return duplicate and ${DUPLICATE} or held
end
for i, key in ipairs(KEYS) do
  local mark, rest, record = ARGV[i + 3], ARGV[i + 3] == '' and 0 or tail, known[i]
  if record and record.mark ~= '' then
    mark, rest = record.mark, math.max(rest, record.left > 0 and record.tail or record.ttl)
  end
  write(key, ARGV[1], rest, mark, lease + rest)
end
return 0
`

// The same for one key, as most deliveries have, where a plain SET will not do. ARGV: the record, and when it expires.
export const CLAIM: string = `
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 0 end
${READ}
local record = read(KEYS[1])
local token, tail, mark = string.match(ARGV[1], PARTS)
if differs(record, mark) then return ${CONFLICT} end
if record.left > 0 and record.holder ~= token then return record.holder == '' and ${DUPLICATE} or record.left end
local lease, rest = ARGV[2] - tail, tonumber(tail)
if record.mark ~= '' then mark, rest = record.mark, math.max(rest, record.left > 0 and record.tail or record.ttl) end
write(KEYS[1], token, rest, mark, lease + rest)
return 0
`

// The two halves of a claim that takes nothing, for keys on different nodes.
export const PEEK: string = `${READ}
local record = read(KEYS[1])
if not record then return 0 end
if differs(record, ARGV[1]) then return ${CONFLICT} end
if record.left <= 0 then return 0 end
return record.holder == '' and ${DUPLICATE} or record.left
`
export const BIND: string = `${READ}
local known = read(KEYS[1])
if not (known and differs(known, ARGV[2])) then bind(KEYS[1], known, ARGV[2], tonumber(ARGV[1])) end
return 1
`

// KEYS: a claim's. ARGV: its token. Nothing is done unless all are held under it.
const HELD = `${READ}
local held = {}
for i, key in ipairs(KEYS) do
  local record = read(key)
  if not record or record.left <= 0 or record.holder ~= ARGV[1] then return 0 end
  held[i] = record
end
`

// KEYS: those of all claims, one claim's after the other's. ARGV, for each claim: how many keys, its token, its retention or nothing.
// First the common case: one key, with nothing to bind.
export const COMMIT: string = `
local function commit_plain(key, token, retention)
  if token == '' or retention == '' then return nil end
  local value = redis.pcall('GET', key)
  if not value then return 0 end
  local unbound = token .. '|0|'
  if type(value) ~= 'string' or string.sub(value, 1, #unbound) ~= unbound then return nil end
  local done = redis.pcall('SET', key, '|0|' .. string.sub(value, #unbound + 1), 'PX', retention)
  return not done.err and 1 or nil
end
local answers, at, left = {}, 0, {}
for claim = 1, #ARGV / 3 do
  local count = tonumber(ARGV[claim * 3 - 2])
  answers[claim] = count == 1 and commit_plain(KEYS[at + 1], ARGV[claim * 3 - 1], ARGV[claim * 3]) or nil
  if not answers[claim] then
    answers[claim] = ${FAILED}
    left[#left + 1] = { claim = claim, at = at, count = count }
  end
  at = at + count
end
if #left == 0 then return answers end
${READ}
local function commit(from, count, token, retention)
  local held = {}
  for i = from + 1, from + count do
    local record = read(KEYS[i])
    if not record or record.left <= 0 or record.holder ~= token then return 0 end
    held[i] = record
  end
  for i, record in pairs(held) do
    if retention == '' then redis.call('SET', KEYS[i], '|0|' .. record.mark)
    else
      -- A retention that is shorter than the binding does not shorten the binding.
      local kept = tonumber(retention)
      local rest = math.max(0, record.tail - kept)
      write(KEYS[i], '', rest, record.mark, kept + rest)
    end
  end
  return 1
end
if #answers == 1 then return { commit(0, #KEYS, ARGV[2], ARGV[3]) } end
for _, one in ipairs(left) do
  local done, answer = pcall(commit, one.at, one.count, ARGV[one.claim * 3 - 1], ARGV[one.claim * 3])
  if done then answers[one.claim] = answer end
end
return answers
`
export const RELEASE: string = `${HELD}
for i, key in ipairs(KEYS) do
  if held[i].tail > 0 then redis.call('PEXPIRE', key, string.format('%.0f', held[i].tail)) else redis.call('DEL', key) end
end
return 1
`
// ARGV: token, lease, bind. Without a bind the lease is made no shorter than it is.
export const EXTEND: string = `${HELD}
for i, key in ipairs(KEYS) do
  local record, lease = held[i], tonumber(ARGV[2])
  if ARGV[3] == '' then lease = math.max(lease, record.left) end
  local rest = record.mark == '' and 0 or math.max(record.tail, tonumber(ARGV[3]) or 0)
  write(key, record.holder, rest, record.mark, lease + rest)
end
return 1
`
