-- The live state of a site. KEYS[1] is the site's head key; every other key is made from its prefix and shares its hash
-- tag, so one Cluster slot holds them all. Keys are listed in keys.py, the presence register in domain/register.py.
-- Instants stay text from argument to value: they are compared as numbers and never written as such.

local FS, GS, RS, US = '\28', '\29', '\30', '\31'
local DECISION_MS = 600000
local OPEN_MS = 259200000
local CLOCK_MS = 250
local MOST_MOVES = 4
local MOST_KEPT = 4
local REVIEW_GRACE_MS = 15000
local PURGE_MS = 60000

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

local function split(text, mark)
  if text == '' then return {} end
  if not string.find(text, mark, 1, true) then return { text } end
  local parts, from = {}, 1
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

-- `moves` stays unread until `moves_of` needs it: most changes are of reservations alone.
local function read_register(text)
  if not text then return { version = 0, written = '', kept = {} } end
  local version, moves, kept_rows = string.match(text, '^(%d+)\29([^\29]*)\29(.*)$')
  local kept = {}
  if kept_rows ~= '' then
    for point, path, expires, event in string.gmatch(kept_rows, '([^\30\31]*)\31([^\30\31]*)\31(%d+)\31([^\30\31]*)') do
      kept[#kept + 1] = { point = point, path = path, expires = expires, event = event }
    end
  end
  return { version = tonumber(version), written = moves, kept = kept }
end

local function moves_of(register)
  local moves = register.moves
  if moves then return moves end
  moves = {}
  for path, at, event, firm, point in
    string.gmatch(register.written, '([^\30\31]*)\31(%d+)\31([^\30\31]*)\31(%d)\31?([^\30\31]*)') do
    moves[#moves + 1] = { path = path, at = at, event = event, firm = firm == '1', point = point }
  end
  register.moves = moves
  return moves
end

local function print_move(move)
  return move.path .. US .. move.at .. US .. move.event .. (move.firm and '\0311\31' or '\0310\31') .. move.point
end

local function print_kept(row)
  return row.point .. US .. row.path .. US .. row.expires .. US .. row.event
end

local function join(rows, print_row)
  local first = rows[1]
  if not first then return '' end
  if not rows[2] then return print_row(first) end
  local texts = {}
  for i, row in ipairs(rows) do texts[i] = print_row(row) end
  return table.concat(texts, RS)
end

local function write_register(register)
  local moves = register.moves and join(register.moves, print_move) or register.written
  return register.version .. GS .. moves .. GS .. join(register.kept, print_kept)
end

local function is_later(a, b)
  local a_at, b_at = tonumber(a.at), tonumber(b.at)
  if a_at ~= b_at then return a_at > b_at end
  return a.event > b.event
end

-- Keeps the moves newest first, and nothing below the newest firm one.
local function add_move(register, move)
  local moves = moves_of(register)
  local place = #moves + 1
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

local function expires_later(a, b)
  if a.expires ~= b.expires then return tonumber(a.expires) > tonumber(b.expires) end
  return a.event > b.event
end

-- Keeps the open reservations, the one that expires last first.
local function add_kept(register, row, now)
  local kept, is_waiting = {}, tonumber(row.expires) > now
  for _, other in ipairs(register.kept) do
    if is_waiting and expires_later(row, other) then
      kept[#kept + 1], is_waiting = row, false
    end
    if tonumber(other.expires) > now then kept[#kept + 1] = other end
  end
  if is_waiting then kept[#kept + 1] = row end
  kept[MOST_KEPT + 1] = nil
  register.kept = kept
end

local function withdraw_from(rows, event)
  for i = #rows, 1, -1 do
    if rows[i].event == event then table.remove(rows, i) end
  end
end

local function withdraw(register, event)
  if register.moves or string.find(register.written, event, 1, true) then withdraw_from(moves_of(register), event) end
  withdraw_from(register.kept, event)
end

local function current_path(register)
  if not register.moves then return string.match(register.written, '^[^\31]*') end
  local newest = register.moves[1]
  return newest and newest.path or ''
end

local function covers(path, area)
  if path == area then return path ~= '' end
  return #path > #area and string.find(FS .. path .. FS, FS .. area .. FS, 1, true) ~= nil
end

-- Occupancy changes here and nowhere else: when the current place of a register does.
local function count_transition(prefix, old_path, new_path)
  if old_path == new_path then return end
  for _, area in ipairs(split(old_path, FS)) do
    if not covers(new_path, area) then redis.call('HINCRBY', prefix .. 'o', area, -1) end
  end
  for _, area in ipairs(split(new_path, FS)) do
    if not covers(old_path, area) then redis.call('HINCRBY', prefix .. 'o', area, 1) end
  end
end

-- A subject stands in an area's reservations while one of its own covers the area and it is not in the area itself.
-- `touched` lists the areas that may change, each once or more.
local function keep_reservations(prefix, subject, touched, register, now)
  local inside, done = current_path(register), {}
  for _, area in ipairs(touched) do
    if not done[area] then
      done[area] = true
      local latest
      if not covers(inside, area) then
        for _, row in ipairs(register.kept) do
          if not latest and tonumber(row.expires) > now and covers(row.path, area) then latest = row.expires end
        end
      end
      local key = prefix .. 'res:' .. area
      if latest then
        redis.call('ZADD', key, latest, subject)
      else
        redis.call('ZREM', key, subject)
      end
      if now % 64 == 0 then redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(now - PURGE_MS)) end
    end
  end
end

local function areas_kept(register, touched)
  for _, row in ipairs(register.kept) do
    for _, area in ipairs(split(row.path, FS)) do touched[#touched + 1] = area end
  end
end

-- Opens a register for a change; `close_register` stores it with its counts.
-- `text` is the register where it was read already.
local function open_register(prefix, subject, text)
  local register = read_register(text or redis.call('HGET', prefix .. 'p', subject))
  register.old_path, register.touched = current_path(register), {}
  areas_kept(register, register.touched)
  return register
end

local function close_register(prefix, subject, register, now)
  register.version = register.version + 1
  areas_kept(register, register.touched)
  count_transition(prefix, register.old_path, current_path(register))
  keep_reservations(prefix, subject, register.touched, register, now)
  local text = write_register(register)
  redis.call('HSET', prefix .. 'p', subject, text)
  return text
end
