-- args: 1 generation and 2 state and 3 run id as seen, 4 run id of the server.
local function begin(keys, args)
  local head = redis.call('HMGET', keys[1], 'generation', 'state', 'run_id')
  if (head[1] or '0') ~= args[1] or (head[2] or 'EMPTY') ~= args[2] or (head[3] or '') ~= args[3] then return { 'LOST' } end
  local generation = whole(math.max(tonumber(args[1]) + 1, clock_ms()))
  redis.call('HSET', keys[1], 'generation', generation, 'state', 'REBUILDING', 'run_id', args[4])
  return { 'OK', generation }
end

-- args: 1 generation, 2 run id of the server.
local function ready(keys, args)
  local head = redis.call('HMGET', keys[1], 'generation', 'state', 'run_id')
  if head[1] ~= args[1] or head[3] ~= args[2] then return { 'LOST' } end
  redis.call('HSET', keys[1], 'state', 'READY')
  return { 'OK' }
end

local function is_foreign(keys, generation)
  return redis.call('HGET', keys[1], 'generation') ~= generation
end

local function put_keys(prefix, subject, wanted, dropped)
  for _, key in ipairs(dropped) do
    if redis.call('GET', prefix .. 'k:' .. key) == subject then redis.call('DEL', prefix .. 'k:' .. key) end
  end
  for _, key in ipairs(wanted) do redis.call('SET', prefix .. 'k:' .. key, subject) end
end

local function take(args, from, count)
  local taken = {}
  for i = from, from + count - 1 do taken[#taken + 1] = args[i] end
  return taken
end

local function version_of(key)
  local start = redis.call('GETRANGE', key, 0, 20)
  local bar = string.find(start, '|', 1, true)
  return bar and tonumber(string.sub(start, 1, bar - 1)) or -1
end

local function put_cursor(prefix, feed, epoch, position)
  local old = split(redis.call('HGET', prefix .. 'cursors', feed) or '', ':')
  if old[1] == epoch and tonumber(old[2]) > tonumber(position) then return end
  redis.call('HSET', prefix .. 'cursors', feed, epoch .. ':' .. position)
end

-- args: 1 generation, 2 feed ('' for none), 3 epoch and 4 position of its cursor, then per record: subject, version,
-- record, pins, count and keys, count and dropped keys.
local function put_records(keys, args)
  if is_foreign(keys, args[1]) then return { 'NOT_READY' } end
  local prefix, applied, i = prefix_of(keys), 0, 5
  while i <= #args do
    local subject, version = args[i], args[i + 1]
    local wanted = take(args, i + 5, tonumber(args[i + 4]))
    local after = i + 5 + #wanted
    local dropped = take(args, after + 1, tonumber(args[after]))
    local key = prefix .. 'r:' .. subject
    if tonumber(version) > version_of(key) then
      redis.call('SET', key, version .. '|' .. args[i + 2])
      if args[i + 3] == '' then
        redis.call('HDEL', prefix .. 'pins', subject)
      else
        redis.call('HSET', prefix .. 'pins', subject, args[i + 3])
      end
      put_keys(prefix, subject, wanted, dropped)
      applied = applied + 1
    end
    i = after + 1 + #dropped
  end
  if args[2] ~= '' then put_cursor(prefix, args[2], args[3], args[4]) end
  return { 'OK', applied }
end

-- args: 1 generation, 2 plan or circumstances, 3 version, 4 document.
local function put_document(keys, args)
  if is_foreign(keys, args[1]) then return { 'NOT_READY' } end
  local prefix = prefix_of(keys)
  local field = args[2] .. '_version'
  if tonumber(args[3]) <= tonumber(redis.call('HGET', keys[1], field) or '-1') then return { 'OK', 0 } end
  redis.call('SET', prefix .. args[2], args[3] .. '|' .. args[4])
  redis.call('HSET', keys[1], field, args[3])
  return { 'OK', 1 }
end

-- args: 1 generation, then per register: subject, path, at_ms, event_id, access point.
local function put_places(keys, args)
  if is_foreign(keys, args[1]) then return { 'NOT_READY' } end
  local prefix, now, changed = prefix_of(keys), clock_ms(), 0
  for i = 2, #args, 5 do
    local move = { path = args[i + 1], at = args[i + 2], event = args[i + 3], firm = true, point = args[i + 4] }
    local register = open_register(prefix, args[i])
    local newest = moves_of(register)[1]
    if not (newest and newest.firm and (newest.event == move.event or is_later(newest, move))) then
      withdraw(register, move.event)
      add_move(register, move)
      close_register(prefix, args[i], register, now)
      changed = changed + 1
    end
  end
  return { 'OK', changed }
end

-- args: 1 generation, then per use: id, event_id.
local function put_uses(keys, args)
  if is_foreign(keys, args[1]) then return { 'NOT_READY' } end
  local changed = 0
  for i = 2, #args, 2 do
    changed = changed + redis.call('HSETNX', prefix_of(keys) .. 'used', args[i], args[i + 1])
  end
  return { 'OK', changed }
end

local function is_in_any(path, areas)
  if #areas == 0 then return true end
  for _, area in ipairs(areas) do
    if covers(path, area) then return true end
  end
  return false
end

-- args: 1 generation, 2 at_ms, 3 event_id, 4 number of areas, areas (none: anywhere), then subjects.
local function forgive(keys, args)
  if is_foreign(keys, args[1]) then return { 'NOT_READY' } end
  local prefix, now, changed = prefix_of(keys), clock_ms(), 0
  local areas = take(args, 5, tonumber(args[4]))
  for i = 5 + #areas, #args do
    local move = { path = '', at = args[2], event = args[3], firm = true, point = '' }
    local register = open_register(prefix, args[i])
    local newest = moves_of(register)[1]
    if newest and newest.path ~= '' and is_later(move, newest) and is_in_any(newest.path, areas) then
      add_move(register, move)
      close_register(prefix, args[i], register, now)
      changed = changed + 1
    end
  end
  return { 'OK', changed }
end
