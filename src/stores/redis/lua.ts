// The Lua scripts. Each is atomic over all of its keys, and names them all as KEYS. None reads a clock: leases end by the expiry of
// records, so Redis's own expiry is the only clock. record.ts describes a record.

import { FOREIGN_VALUE } from './record.ts'

/** Answers to a claim: 0 means that it succeeded, a positive number for how many milliseconds someone else holds a key. */
export const DUPLICATE: number = -1
export const CONFLICT: number = -2

/** The answer for one of several commits that Redis would not carry out. */
export const FAILED: number = -1

/** Writes nothing: 213 shows that a client passed on one key and two arguments. */
export const PROBE = 'return #KEYS * 13 + #ARGV * 100'
export const PROBE_ANSWER = 213

// `read` returns nil, or what is known of a key, with the time that the record has left to live: `ttl` altogether, `left` as a claim or a
// commit. A record without an expiry is a commit for ever. A claim always expires, and has a token of 36 characters; any other value is
// not ours. A lease that ends further ahead than it is long was written before the server's clock was set back, and is cut to its length.
const FUNCTIONS = `
local PARTS = '^([%x-]*)|(%d+)|(%d+)|(.*)$'
local function read(key)
  local value = redis.call('GET', key)
  if not value then return nil end
  local ttl = redis.call('PTTL', key)
  local holder, lease, binding, mark = string.match(value, PARTS)
  if not holder or (#holder ~= 0 and (#holder ~= 36 or ttl < 0)) or (mark ~= '' and string.sub(mark, 1, 1) ~= '=') then
    error('${FOREIGN_VALUE}')
  end
  lease, binding = tonumber(lease), tonumber(binding)
  if holder ~= '' and ttl > lease + binding then
    ttl = lease + binding
    redis.call('PEXPIRE', key, string.format('%.0f', ttl))
  end
  return { holder = holder, lease = lease, binding = binding, mark = mark, ttl = ttl, left = ttl < 0 and 1 or ttl - binding }
end
local function write(key, holder, lease, binding, mark, ttl)
  local record = string.format('%s|%.0f|%.0f|', holder, lease, binding) .. mark
  redis.call('SET', key, record, 'PX', string.format('%.0f', ttl))
end
-- Binds a key that nobody holds to a mark. If a claim on it has run out, it still belongs to its holder.
local function bind(key, known, mark, binding)
  if mark == '' or known and known.left > 0 then return end
  if not known then return write(key, '', 0, binding, mark, binding) end
  if known.mark ~= '' and known.ttl >= binding then return end
  local longest = math.max(known.ttl, binding)
  write(key, known.holder, known.lease, longest, mark, longest)
end
local function differs(known, mark)
  return known.mark ~= '' and mark ~= '' and known.mark ~= mark
end
-- Writes a claim. A known mark stays, and if its binding would have lasted longer, that stays too.
local function claim(key, known, token, lease, binding, mark)
  if known and known.mark ~= '' then
    mark, binding = known.mark, math.max(binding, known.left > 0 and known.binding or known.ttl)
  end
  write(key, token, lease, binding, mark, lease + binding)
end
`

// KEYS: those of a delivery, its own id first. ARGV: token, lease, bind, then a mark for each key.
// If a client sends a claim again because the answer was lost, it meets its own token, and still has the claim.
export const CLAIM_SET: string = `${FUNCTIONS}
local lease, binding = tonumber(ARGV[2]), tonumber(ARGV[3])
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
  for i = 2, #KEYS do bind(KEYS[i], known[i], ARGV[i + 3], binding) end
  return duplicate and ${DUPLICATE} or held
end
for i, key in ipairs(KEYS) do claim(key, known[i], ARGV[1], lease, binding, ARGV[i + 3]) end
return 0
`

// The same for one key, as most deliveries have. ARGV: the record, and in how many milliseconds it expires.
export const CLAIM_ONE: string = `
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 0 end
${FUNCTIONS}
local record = read(KEYS[1])
local token, lease, binding, mark = string.match(ARGV[1], PARTS)
if differs(record, mark) then return ${CONFLICT} end
if record.left > 0 and record.holder ~= token then return record.holder == '' and ${DUPLICATE} or record.left end
claim(KEYS[1], record, token, tonumber(lease), tonumber(binding), mark)
return 0
`

// For keys on different nodes: what a claim of one key would answer. ARGV: mark.
export const PEEK: string = `${FUNCTIONS}
local record = read(KEYS[1])
if not record then return 0 end
if differs(record, ARGV[1]) then return ${CONFLICT} end
if record.left <= 0 then return 0 end
return record.holder == '' and ${DUPLICATE} or record.left
`

// For keys on different nodes: binds one that nobody holds. ARGV: bind, mark.
export const BIND: string = `${FUNCTIONS}
local known = read(KEYS[1])
if not (known and differs(known, ARGV[2])) then bind(KEYS[1], known, ARGV[2], tonumber(ARGV[1])) end
return 1
`

// KEYS: those of a claim. ARGV: its token, then more. Goes on only if the token holds them all. A lease that has ended makes no
// difference, because a record keeps its holder until it expires or someone takes it over.
const HELD_BY_TOKEN = `${FUNCTIONS}
local held = {}
for i, key in ipairs(KEYS) do
  local record = read(key)
  if not record or record.holder == '' or record.holder ~= ARGV[1] then return 0 end
  held[i] = record
end
`

// KEYS: those of all claims, one claim after the other. ARGV, for each claim: how many keys, its token, its retention or nothing for ever.
// First the common case: one key with no binding beyond the retention. Only the rest needs the functions above.
export const COMMIT: string = `
local function commit_plain(key, token, retention)
  if token == '' or retention == '' then return nil end
  local value = redis.pcall('GET', key)
  if not value then return 0 end
  if type(value) ~= 'string' or string.sub(value, 1, #token + 1) ~= token .. '|' then return nil end
  local binding, mark = string.match(value, '^%d+|(%d+)|(.*)$', #token + 2)
  if not binding or (mark ~= '' and tonumber(binding) > tonumber(retention)) then return nil end
  local done = redis.pcall('SET', key, '|0|0|' .. mark, 'PX', retention)
  return not done.err and 1 or nil
end
local answers, at, rest = {}, 0, {}
for claim = 1, #ARGV / 3 do
  local count = tonumber(ARGV[claim * 3 - 2])
  answers[claim] = count == 1 and commit_plain(KEYS[at + 1], ARGV[claim * 3 - 1], ARGV[claim * 3]) or nil
  if not answers[claim] then
    answers[claim] = ${FAILED}
    rest[#rest + 1] = { claim = claim, at = at, count = count }
  end
  at = at + count
end
if #rest == 0 then return answers end
${FUNCTIONS}
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
      local binding = record.mark == '' and 0 or math.max(0, record.binding - kept)
      write(KEYS[i], '', 0, binding, record.mark, kept + binding)
    end
  end
  return 1
end
if #answers == 1 then return { commit(0, #KEYS, ARGV[2], ARGV[3]) } end
for _, one in ipairs(rest) do
  local done, answer = pcall(commit, one.at, one.count, ARGV[one.claim * 3 - 1], ARGV[one.claim * 3])
  if done then answers[one.claim] = answer end
end
return answers
`

export const RELEASE: string = `${HELD_BY_TOKEN}
for i, key in ipairs(KEYS) do
  local binding, mark = held[i].binding, held[i].mark
  if mark ~= '' and binding > 0 then write(key, '', 0, binding, mark, binding) else redis.call('DEL', key) end
end
return 1
`

// ARGV: token, lease, how long keys stay bound at least.
export const EXTEND: string = `${HELD_BY_TOKEN}
for i, key in ipairs(KEYS) do
  local binding, lease = math.max(held[i].binding, tonumber(ARGV[3])), tonumber(ARGV[2])
  write(key, held[i].holder, lease, binding, held[i].mark, lease + binding)
end
return 1
`

// For keys on different nodes: makes a lease last long enough to settle them all. ARGV: token, the shortest lease. Answers how much was left
// before, plus 1, as 0 means that the token does not hold the key.
export const ENSURE_LEASE: string = `${HELD_BY_TOKEN}
local record = held[1]
local lease = math.max(tonumber(ARGV[2]), record.left)
write(KEYS[1], record.holder, lease, record.binding, record.mark, lease + record.binding)
return 1 + math.max(0, record.left)
`
