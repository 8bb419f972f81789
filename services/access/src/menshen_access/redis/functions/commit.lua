local GUARDS = 10
local ARITY = { V = 2, P = 1, H = 1, I = 2, B = 3, N = 1, D = 1, K = 1 }

local HOLDS = {
  V = function(prefix, _, subject, version)
    local start = redis.call('GETRANGE', prefix .. 'r:' .. subject, 0, #version)
    return start == version .. '|'
  end,
  P = function(_, site, version) return site.plan == version end,
  H = function(_, site, version) return site.circumstances == version end,
  I = function(prefix, site, subject, version)
    local text = redis.call('HGET', prefix .. 'p', subject)
    site.registers[subject] = text
    if not text then return version == '0' end
    return string.sub(text, 1, #version + 1) == version .. GS
  end,
  B = function(prefix, site, area, limit, subject)
    return count_in(prefix, area, subject, site.now) < tonumber(limit)
  end,
  N = function(prefix, _, used) return redis.call('HEXISTS', prefix .. 'used', used) == 0 end,
  D = function(prefix, _, used) return redis.call('HEXISTS', prefix .. 'used', used) == 1 end,
  K = function(prefix, _, key) return redis.call('EXISTS', prefix .. 'k:' .. key) == 0 end,
}

local function all_hold(prefix, site, args, from)
  local i = from
  while i <= #args do
    local kind = args[i]
    if not HOLDS[kind](prefix, site, args[i + 1], args[i + 2], args[i + 3]) then return false end
    i = i + 1 + ARITY[kind]
  end
  return true
end

-- What the guards speak of, as tokens of read_values.
local function wishes_of(args, from)
  local wishes, i = {}, from
  local function wish(kind, name)
    wishes[#wishes + 1] = kind
    wishes[#wishes + 1] = name
  end
  while i <= #args do
    local kind = args[i]
    if kind == 'V' or kind == 'I' then
      wish('s', args[i + 1])
    elseif kind == 'B' then
      wish('a', args[i + 1])
      wish('s', args[i + 3])
    elseif kind == 'N' or kind == 'D' then
      wish('u', args[i + 1])
    elseif kind == 'K' then
      wish('k', args[i + 1])
    end
    i = i + 1 + ARITY[kind]
  end
  return wishes
end

-- C point forgotten_after_ms: 0 clears the count at once.
local function count_attempts(prefix, effects)
  for point, after in string.gmatch(effects, 'C\31([^\31]*)\31(%d+)') do
    local key = prefix .. 'w:' .. point
    if after == '0' then
      redis.call('DEL', key)
    else
      redis.call('INCR', key)
      redis.call('PEXPIRE', key, after)
    end
  end
end

-- The stream stamps its entries with the server's clock; only a clock set back makes its stamp wrong.
local function clock_gap(now, stamp)
  local gap = now - tonumber(string.match(stamp, '^%d+'))
  if math.abs(gap) > CLOCK_MS then gap = now - clock_ms() end
  return gap
end

local function refuse(stored_key, answer)
  redis.call('DEL', stored_key)
  return answer
end

-- args: 1 generation, 2 now, 3 from, 4 to, 5 event_id, 6 stream limit, 7 payload, 8 effects, 9 counted attempts, then
-- guards: V subject version | P version | H version | I subject version |
-- B area limit subject | N used_id | D used_id (used) | K key (unknown).
local function commit(keys, args)
  local prefix = prefix_of(keys)
  local head = redis.call('HMGET', keys[1], 'generation', 'state', 'plan_version', 'circumstances_version')
  if head[1] ~= args[1] or head[2] ~= 'READY' then return { 'NOT_READY' } end
  local stored_key, events, now = prefix .. 'd:' .. args[5], prefix .. 'events', tonumber(args[2])
  local stored = redis.call('SET', stored_key, args[7], 'NX', 'GET', 'PX', DECISION_MS)
  if stored then return { 'REPEATED', stored } end
  if redis.call('XLEN', events) >= tonumber(args[6]) then return refuse(stored_key, { 'BACKPRESSURE' }) end
  local site = { plan = head[3] or '0', circumstances = head[4] or '0', now = now, registers = {} }
  local in_force = now >= tonumber(args[3]) and now < tonumber(args[4])
  if not in_force or not all_hold(prefix, site, args, GUARDS) then
    return refuse(stored_key, { 'STALE', unpack(read_values(prefix, wishes_of(args, GUARDS), 1, now)) })
  end
  local stamp = redis.call('XADD', events, '*', 'e', args[7])
  local gap = clock_gap(now, stamp)
  if math.abs(gap) > CLOCK_MS then
    redis.call('XDEL', events, stamp)
    return refuse(stored_key, { 'CLOCK', whole(gap) })
  end
  if args[9] ~= '' then count_attempts(prefix, args[9]) end
  if args[8] == '' then return { 'OK' } end
  return { 'OK', (learn(prefix, args[5], C, '+' .. args[8], now, site.registers)) }
end

local PART = { [CENTRE] = C, [EDGE] = E, [ACTED] = OBEYED, [TAKEN] = TAKEN_PART, [NOT_TAKEN] = TAKEN_PART, [OPERATED] = PASSED }

local function value_of(kind, at, obeyed, effects)
  if kind == TAKEN then return 'T' .. at end
  if kind == NOT_TAKEN then return 'N' end
  if kind == ACTED then return obeyed end
  if kind == OPERATED then return at end
  return '+' .. effects
end

-- args: 1 generation, 2 append or apply, 3 event_id of the event, 4 kind, 5 at_ms, 6 obeyed, 7 effects, 8 event_id of
-- the presentation ('' where none is concerned), 9 payload, 10 stream limit.
local function event(keys, args)
  local prefix, is_append = prefix_of(keys), args[2] == 'append'
  local head = redis.call('HMGET', keys[1], 'generation', 'state')
  if head[1] ~= args[1] or (is_append and head[2] ~= 'READY') then return { 'NOT_READY' } end
  local seen, events = prefix .. 's:' .. args[3] .. ':' .. args[4], prefix .. 'events'
  if is_append then
    if redis.call('XLEN', events) >= tonumber(args[10]) then return { 'BACKPRESSURE' } end
    if not redis.call('SET', seen, '1', 'NX', 'PX', DECISION_MS) then return { 'REPEATED' } end
  end
  local moved, late, unmatched = {}, false, false
  local part = args[8] ~= '' and PART[args[4]]
  if part then
    local value = value_of(args[4], args[5], args[6], args[7])
    moved, late, unmatched = learn(prefix, args[8], part, value, clock_ms(), {})
  end
  if is_append then redis.call('XADD', events, '*', 'e', args[9]) end
  return { 'OK', (late and 'L' or '') .. (unmatched and 'U' or ''), moved }
end
