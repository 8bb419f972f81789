-- What is known of one presentation is a hash `u:<event_id>`: C and E, the effects of the centre's and of the edge's
-- decision; A, the decision obeyed; T, taken (T<at_ms>) or not (N); R, the instant a review passed. The claims of a
-- presentation on presence follow from that hash alone. Every change withdraws the claims of before and makes those of
-- after, so that the end state does not depend on the order in which events arrive.

local function claim(claims, subject)
  local own = claims.subjects[subject]
  if not own then
    own = { moves = {}, kept = {} }
    claims.subjects[subject] = own
  end
  return own
end

local function claim_rows(claims, rows, facts, grace)
  for _, row in ipairs(rows) do
    local kind = row[1]
    if kind == 'R' or kind == 'M' then
      local path = table.concat(row[3], FS)
      if facts.taken_at then
        local moves = claim(claims, row[2]).moves
        moves[#moves + 1] = { path = path, at = facts.taken_at, firm = true }
      elseif kind == 'R' then
        local kept = claim(claims, row[2]).kept
        kept[#kept + 1] = { point = row[4], path = path, expires = math.max(row[5], grace) }
      else
        local moves = claim(claims, row[2]).moves
        moves[#moves + 1] = { path = path, at = row[5], firm = facts.obeyed ~= nil or grace > 0 }
      end
    elseif kind == 'U' then
      claims.used[row[2]] = true
    elseif kind == 'V' and (facts.passed_at or facts.taken_at) then
      claim_rows(claims, row[3], facts, (facts.passed_at or facts.taken_at) + REVIEW_GRACE_MS)
    end
  end
end

-- The decision obeyed; before that is known the edge's, because an agent uploads only what it acted on.
local function origin_of(hash)
  return hash.A or (hash.E and EDGE) or (hash.C and CENTRE)
end

local function claims_of(hash)
  local claims = { subjects = {}, used = {} }
  local text = origin_of(hash) == EDGE and hash.E or (origin_of(hash) == CENTRE and hash.C) or nil
  if not text or text == '' or hash.T == 'N' then return claims end
  local facts = { obeyed = hash.A, passed_at = tonumber(hash.R or nil) }
  if hash.T then facts.taken_at = tonumber(string.sub(hash.T, 2)) end
  claim_rows(claims, cjson.decode(text), facts, 0)
  return claims
end

local function print_claim(own)
  if not own then return '' end
  local parts = {}
  for _, move in ipairs(own.moves) do
    parts[#parts + 1] = 'm' .. move.path .. US .. whole(move.at) .. (move.firm and '1' or '0')
  end
  for _, row in ipairs(own.kept) do
    parts[#parts + 1] = 'k' .. row.point .. US .. row.path .. US .. whole(row.expires)
  end
  return table.concat(parts, RS)
end

local function move_claims(prefix, event, before, after, now)
  local subjects, moved = {}, {}
  for subject in pairs(before.subjects) do subjects[subject] = true end
  for subject in pairs(after.subjects) do subjects[subject] = true end
  for _, subject in ipairs(sorted_keys(subjects)) do
    local old, new = before.subjects[subject], after.subjects[subject]
    if print_claim(old) ~= print_claim(new) then
      local text = change_register(prefix, subject, now, function(register)
        withdraw(register, event)
        for _, move in ipairs(new and new.moves or {}) do
          add_move(register, { path = move.path, at = move.at, event = event, firm = move.firm })
        end
        for _, row in ipairs(new and new.kept or {}) do
          add_kept(register, { point = row.point, path = row.path, expires = row.expires, event = event }, now)
        end
      end)
      moved[#moved + 1] = subject
      moved[#moved + 1] = text
    end
  end
  for _, used in ipairs(sorted_keys(before.used)) do
    if not after.used[used] and redis.call('HGET', prefix .. 'used', used) == event then
      redis.call('HDEL', prefix .. 'used', used)
    end
  end
  for _, used in ipairs(sorted_keys(after.used)) do
    redis.call('HSETNX', prefix .. 'used', used, event)
  end
  return moved
end

local function read_hash(key)
  local flat, hash = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do hash[flat[i]] = flat[i + 1] end
  return hash, #flat == 0
end

-- Sets one field of a presentation's hash, first writer wins, and moves its claims. Returns what moved and, for TAKEN,
-- whether it was late or matched nothing.
local function learn(prefix, event, field, value, now)
  local key = prefix .. 'u:' .. event
  local hash, is_new = read_hash(key)
  if hash[field] then return {}, false, false end
  local before = claims_of(hash)
  local late, unmatched = false, false
  if field == 'T' and value ~= 'N' then
    unmatched = true
    for _, own in pairs(before.subjects) do
      unmatched = false
      for _, row in ipairs(own.kept) do late = late or row.expires <= now end
    end
  end
  hash[field] = value
  redis.call('HSET', key, field, value)
  if hash.A and (hash.T or not hash.C) then
    redis.call('PEXPIRE', key, DECISION_MS)
  elseif is_new then
    redis.call('PEXPIRE', key, OPEN_MS)
  end
  local after = claims_of(hash)
  if field == 'T' and value ~= 'N' then
    for _ in pairs(after.subjects) do unmatched = false end
  end
  return move_claims(prefix, event, before, after, now), late, unmatched
end
