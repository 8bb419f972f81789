-- The live state of a site. KEYS[1] is the site's head key; every other key is made from its prefix and shares its hash
-- tag, so one Cluster slot holds them all. Keys are listed in keys.py, the presence register in domain/register.py.

local FS, GS, RS, US = '\28', '\29', '\30', '\31'
local DECISION_MS = 600000
local OPEN_MS = 259200000
local CLOCK_MS = 250
local MOST_MOVES = 4
local MOST_KEPT = 4
local REVIEW_GRACE_MS = 15000
local CENTRE, EDGE, ACTED, TAKEN, NOT_TAKEN, OPERATED = '1', '2', '3', '4', '5', '18'

local function split(text, mark)
  local parts, from = {}, 1
  if text == '' then return parts end
  while true do
    local at = string.find(text, mark, from, true)
    if not at then
      parts[#parts + 1] = string.sub(text, from)
      return parts
    end
    parts[#parts + 1] = string.sub(text, from, at - 1)
    from = at + 1
  end
end

local function whole(number)
  return string.format('%.0f', number)
end

local function prefix_of(keys)
  return string.sub(keys[1], 1, -5)
end

local function clock_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function read_register(text)
  local register = { version = 0, moves = {}, kept = {} }
  if not text then return register end
  local first = string.find(text, GS, 1, true)
  local second = string.find(text, GS, first + 1, true)
  register.version = tonumber(string.sub(text, 1, first - 1))
  for _, row in ipairs(split(string.sub(text, first + 1, second - 1), RS)) do
    local cell = split(row, US)
    register.moves[#register.moves + 1] =
      { path = cell[1], at = tonumber(cell[2]), event = cell[3], firm = cell[4] == '1' }
  end
  for _, row in ipairs(split(string.sub(text, second + 1), RS)) do
    local cell = split(row, US)
    register.kept[#register.kept + 1] = { point = cell[1], path = cell[2], expires = tonumber(cell[3]), event = cell[4] }
  end
  return register
end

local function write_register(register)
  local moves, kept = {}, {}
  for i, move in ipairs(register.moves) do
    moves[i] = move.path .. US .. whole(move.at) .. US .. move.event .. US .. (move.firm and '1' or '0')
  end
  for i, row in ipairs(register.kept) do
    kept[i] = row.point .. US .. row.path .. US .. whole(row.expires) .. US .. row.event
  end
  return whole(register.version) .. GS .. table.concat(moves, RS) .. GS .. table.concat(kept, RS)
end

local function is_later(a, b)
  if a.at ~= b.at then return a.at > b.at end
  return a.event > b.event
end

local function add_move(register, move)
  local moves, place = register.moves, #register.moves + 1
  for i, other in ipairs(moves) do
    if is_later(move, other) then
      place = i
      break
    end
  end
  table.insert(moves, place, move)
  local last = #moves
  for i, other in ipairs(moves) do
    if other.firm or i == MOST_MOVES then
      last = i
      break
    end
  end
  for i = #moves, last + 1, -1 do moves[i] = nil end
end

local function add_kept(register, row, now)
  local rows = register.kept
  for i = #rows, 1, -1 do
    if rows[i].expires <= now then table.remove(rows, i) end
  end
  if row.expires <= now then return end
  rows[#rows + 1] = row
  table.sort(rows, function(a, b)
    if a.expires ~= b.expires then return a.expires > b.expires end
    return a.event > b.event
  end)
  rows[MOST_KEPT + 1] = nil
end

-- Takes everything `event` claims out of a register. A firm move that an expired hash no longer explains stays.
local function withdraw(register, event)
  for i = #register.moves, 1, -1 do
    if register.moves[i].event == event then table.remove(register.moves, i) end
  end
  for i = #register.kept, 1, -1 do
    if register.kept[i].event == event then table.remove(register.kept, i) end
  end
end

local function current_path(register)
  local move = register.moves[1]
  return move and move.path or ''
end

local function areas_of(path)
  local set = {}
  for _, area in ipairs(split(path, FS)) do set[area] = true end
  return set
end

local function sorted_keys(set)
  local list = {}
  for key in pairs(set) do list[#list + 1] = key end
  table.sort(list)
  return list
end

-- Occupancy changes here and nowhere else: when the current place of a register does.
local function count_transition(prefix, old_path, new_path)
  if old_path == new_path then return end
  local before, after = areas_of(old_path), areas_of(new_path)
  for _, area in ipairs(split(old_path, FS)) do
    if not after[area] then redis.call('HINCRBY', prefix .. 'o', area, -1) end
  end
  for _, area in ipairs(split(new_path, FS)) do
    if not before[area] then redis.call('HINCRBY', prefix .. 'o', area, 1) end
  end
end

-- A subject stands in an area's reservations while one of its own covers the area and it is not in the area itself.
local function keep_reservations(prefix, subject, touched, register, now)
  local inside = areas_of(current_path(register))
  local expiry = {}
  for _, row in ipairs(register.kept) do
    for _, area in ipairs(split(row.path, FS)) do
      touched[area] = true
      if not inside[area] and row.expires > (expiry[area] or now) then expiry[area] = row.expires end
    end
  end
  for _, area in ipairs(sorted_keys(touched)) do
    local key = prefix .. 'res:' .. area
    if expiry[area] then
      redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(now - 60000))
      redis.call('ZADD', key, whole(expiry[area]), subject)
    else
      redis.call('ZREM', key, subject)
    end
  end
end

-- Stores a changed register with its counts. `change` gets the register; false from it leaves everything as it is.
local function change_register(prefix, subject, now, change)
  local text = redis.call('HGET', prefix .. 'p', subject)
  local register = read_register(text)
  local old_path, touched = current_path(register), {}
  for _, row in ipairs(register.kept) do
    for _, area in ipairs(split(row.path, FS)) do touched[area] = true end
  end
  if change(register) == false then return text, false end
  register.version = register.version + 1
  count_transition(prefix, old_path, current_path(register))
  keep_reservations(prefix, subject, touched, register, now)
  text = write_register(register)
  redis.call('HSET', prefix .. 'p', subject, text)
  return text, true
end
