// The scripts, each atomic over all of its keys. Each names all of its keys, and reads no clock but their expiry: so a lease ends by
// itself, and Redis's own expiry is the only clock. What a record looks like, `record.ts` says.

import { CONFLICT, DUPLICATE, FAILED, FOREIGN } from './record.ts'

/** Writes nothing: 213 from a client that hands over a key and two arguments as it was told. */
export const PROBE = 'return #KEYS * 13 + #ARGV * 100'
export const PROBE_ANSWER = 213

// `read` gives nothing, or what is known of a key and for how long: `ttl` altogether, `left` as a claim or a commit. A value of another
// form is not ours: a claim always expires, and has a token of 36 characters. A lease that ends further ahead than it is long was
// written before the server's clock was set back, and is cut to its length; else it would hold the key for as long as that was.
const READ = `
local PARTS = '^([%x-]*)|(%d+)|(%d+)|(.*)$'
local function read(key)
  local value = redis.call('GET', key)
  if not value then return nil end
  local ttl = redis.call('PTTL', key)
  local holder, lease, tail, mark = string.match(value, PARTS)
  if not holder or (#holder ~= 0 and (#holder ~= 36 or ttl < 0)) or (mark ~= '' and string.sub(mark, 1, 1) ~= '=') then
    error('${FOREIGN}')
  end
  lease, tail = tonumber(lease), tonumber(tail)
  if holder ~= '' and ttl > lease + tail then
    ttl = lease + tail
    redis.call('PEXPIRE', key, string.format('%.0f', ttl))
  end
  return { holder = holder, lease = lease, tail = tail, mark = mark, ttl = ttl, left = ttl < 0 and 1 or ttl - tail }
end
local function write(key, holder, lease, tail, mark, ttl)
  redis.call('SET', key, string.format('%s|%.0f|%.0f|', holder, lease, tail) .. mark, 'PX', string.format('%.0f', ttl))
end
local function bind(key, known, mark, tail)
  if mark == '' or known and known.left > 0 then return end
  if not known then return write(key, '', 0, tail, mark, tail) end
  if known.mark ~= '' and known.ttl >= tail then return end
  -- Whoever came late stays the holder: nothing was taken over.
  local rest = math.max(known.ttl, tail)
  write(key, known.holder, known.lease, rest, mark, rest)
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
  local mark, rest, record = ARGV[i + 3], tail, known[i]
  if record and record.mark ~= '' then
    mark, rest = record.mark, math.max(rest, record.left > 0 and record.tail or record.ttl)
  end
  write(key, ARGV[1], lease, rest, mark, lease + rest)
end
return 0
`

// The same for one key, as most deliveries have, where a plain SET will not do. ARGV: the record, and when it expires.
export const CLAIM: string = `
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 0 end
${READ}
local record = read(KEYS[1])
local token, lease, tail, mark = string.match(ARGV[1], PARTS)
if differs(record, mark) then return ${CONFLICT} end
if record.left > 0 and record.holder ~= token then return record.holder == '' and ${DUPLICATE} or record.left end
local rest = tonumber(tail)
if record.mark ~= '' then mark, rest = record.mark, math.max(rest, record.left > 0 and record.tail or record.ttl) end
write(KEYS[1], token, lease, rest, mark, lease + rest)
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

// KEYS: a claim's. ARGV: its token. Nothing is done unless all are held under it: also where its lease ran out, for a record keeps its
// holder until it expires, or another takes it over.
const HELD = `${READ}
local held = {}
for i, key in ipairs(KEYS) do
  local record = read(key)
  if not record or record.holder == '' or record.holder ~= ARGV[1] then return 0 end
  held[i] = record
end
`

// KEYS: those of all claims, one claim's after the other's. ARGV, for each claim: how many keys, its token, its retention or nothing.
// First the common case: one key, with nothing bound beyond the retention.
export const COMMIT: string = `
local function commit_plain(key, token, retention)
  if token == '' or retention == '' then return nil end
  local value = redis.pcall('GET', key)
  if not value then return 0 end
  if type(value) ~= 'string' or string.sub(value, 1, #token + 1) ~= token .. '|' then return nil end
  local tail, mark = string.match(value, '^%d+|(%d+)|(.*)$', #token + 2)
  if not tail or (mark ~= '' and tonumber(tail) > tonumber(retention)) then return nil end
  local done = redis.pcall('SET', key, '|0|0|' .. mark, 'PX', retention)
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
    if not record or record.holder == '' or record.holder ~= token then return 0 end
    held[i] = record
  end
  for i, record in pairs(held) do
    if retention == '' then redis.call('SET', KEYS[i], '|0|0|' .. record.mark)
    else
      -- A retention that is shorter than the binding does not shorten the binding.
      local kept = tonumber(retention)
      local rest = record.mark == '' and 0 or math.max(0, record.tail - kept)
      write(KEYS[i], '', 0, rest, record.mark, kept + rest)
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
  local tail, mark = held[i].tail, held[i].mark
  if mark ~= '' and tail > 0 then write(key, '', 0, tail, mark, tail) else redis.call('DEL', key) end
end
return 1
`
// ARGV: token, lease, bind
export const EXTEND: string = `${HELD}
for i, key in ipairs(KEYS) do
  local rest, lease = math.max(held[i].tail, tonumber(ARGV[3])), tonumber(ARGV[2])
  write(key, held[i].holder, lease, rest, held[i].mark, lease + rest)
end
return 1
`
// ARGV: token, how long the lease must last at least. Answers how much was left of it, and one more: so 0 still says that it is not held.
export const PIN: string = `${HELD}
local record = held[1]
local lease = math.max(tonumber(ARGV[2]), record.left)
write(KEYS[1], record.holder, lease, record.tail, record.mark, lease + record.tail)
return 1 + math.max(0, record.left)
`
