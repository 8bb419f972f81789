local function count_in(prefix, area, subject, now)
  local key = prefix .. 'res:' .. area
  local count = tonumber(redis.call('HGET', prefix .. 'o', area) or '0')
  count = count + redis.call('ZCOUNT', key, '(' .. whole(now), '+inf')
  if subject == '' then return count end
  local register = read_register(redis.call('HGET', prefix .. 'p', subject))
  if covers(current_path(register), area) then count = count - 1 end
  local score = redis.call('ZSCORE', key, subject)
  if score and tonumber(score) > now then count = count - 1 end
  return count
end

local function read_subject(prefix, subject, answer)
  local records, presences = answer.records, answer.presences
  for i = 1, #records, 2 do
    if records[i] == subject then return end
  end
  records[#records + 1] = subject
  records[#records + 1] = redis.call('GET', prefix .. 'r:' .. subject) or ''
  presences[#presences + 1] = subject
  presences[#presences + 1] = redis.call('HGET', prefix .. 'p', subject) or ''
end

-- `tokens` from `from` on: s subject | k key | a area | u used id | p access point.
local function read_values(prefix, tokens, from, now)
  local answer = { records = {}, presences = {} }
  local counts, used, keys, attempts = {}, {}, {}, '0'
  for i = from, #tokens, 2 do
    local kind, name = tokens[i], tokens[i + 1]
    if kind == 's' then
      read_subject(prefix, name, answer)
    elseif kind == 'k' then
      local subject = redis.call('GET', prefix .. 'k:' .. name)
      keys[#keys + 1] = name
      keys[#keys + 1] = subject or ''
      if subject then read_subject(prefix, subject, answer) end
    elseif kind == 'a' then
      counts[#counts + 1] = name
      counts[#counts + 1] = whole(count_in(prefix, name, '', now))
    elseif kind == 'u' then
      if redis.call('HEXISTS', prefix .. 'used', name) == 1 then used[#used + 1] = name end
    else
      attempts = redis.call('GET', prefix .. 'w:' .. name) or '0'
    end
  end
  local head = redis.call('HMGET', prefix .. 'head', 'plan_version', 'circumstances_version')
  return { head[1] or '0', head[2] or '0', attempts, answer.records, answer.presences, counts, used, keys }
end

-- args: 1 generation, then tokens of read_values.
local function read(keys, args)
  local head = redis.call('HMGET', keys[1], 'generation', 'state')
  if head[1] ~= args[1] or head[2] ~= 'READY' then return { 'NOT_READY' } end
  return { 'OK', unpack(read_values(prefix_of(keys), args, 2, clock_ms())) }
end
