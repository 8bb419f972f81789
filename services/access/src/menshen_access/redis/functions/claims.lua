-- What is known of one presentation is the value of `u:<event_id>`, five parts joined by GS: the effects of the
-- centre's decision and of the edge's (after a `+`; empty: not known), the decision obeyed, taken (T<at_ms>) or not (N),
-- and the instant a review passed. The claims of a presentation on presence follow from that value alone. Every change
-- withdraws the claims of before and makes those of after, so that the end state does not depend on the order of
-- arrival.
--
-- Effects are rows joined by RS, cells by US: R subject path point expires | M subject path point at | U used.
-- V before the kind: only once a review has passed.

local C, E, OBEYED, TAKEN_PART, PASSED = 1, 2, 3, 4, 5
local CENTRE, EDGE, ACTED, TAKEN, NOT_TAKEN, OPERATED = '1', '2', '3', '4', '5', '18'

local function read_known(text)
  return { string.match(text, '^([^\29]*)\29([^\29]*)\29([^\29]*)\29([^\29]*)\29([^\29]*)$') }
end

-- The effects that count: of the decision obeyed; before that is known of the edge's, because an agent uploads only
-- what it acted on.
local function effects_in_force(known)
  if known[TAKEN_PART] == 'N' then return '' end
  local obeyed = known[OBEYED]
  if obeyed == EDGE or (obeyed == '' and known[E] ~= '') then return string.sub(known[E], 2) end
  return string.sub(known[C], 2)
end

local function read_effects(text)
  local rows = {}
  for row in string.gmatch(text, '[^\30]+') do
    local kind, subject, path, point, instant = string.match(row, '^(V?[RM])\31([^\31]*)\31([^\31]*)\31([^\31]*)\31(%d+)$')
    if not kind then kind, subject = string.match(row, '^(V?U)\31(.*)$') end
    rows[#rows + 1] = { kind = kind, subject = subject, path = path, point = point, instant = instant }
  end
  return rows
end

-- A claim on a place: subject, path, point, and either at with firm (a move) or expires (a reservation).
local function place_claim(row, is_move, is_reviewed, known, taken_at, passed_at)
  local claim = { subject = row.subject, path = row.path, point = row.point }
  if taken_at then
    claim.at, claim.firm = taken_at, true
  elseif is_move then
    claim.at, claim.firm = row.instant, is_reviewed or known[OBEYED] ~= ''
  else
    claim.expires = row.instant
    if is_reviewed then claim.expires = whole(math.max(tonumber(row.instant), tonumber(passed_at) + REVIEW_GRACE_MS)) end
  end
  return claim
end

-- The claims on places, and the ids used.
local function claims_of(known, rows)
  local claims, used = {}, {}
  local taken_at = string.match(known[TAKEN_PART], '^T(.*)')
  local passed_at = known[PASSED] ~= '' and known[PASSED] or taken_at
  for _, row in ipairs(rows) do
    local is_reviewed = #row.kind == 2
    if not is_reviewed or passed_at then
      local kind = string.sub(row.kind, -1)
      if kind == 'U' then
        used[#used + 1] = row.subject
      else
        claims[#claims + 1] = place_claim(row, kind == 'M', is_reviewed, known, taken_at, passed_at)
      end
    end
  end
  return claims, used
end

local function print_of(claims, subject)
  local parts = {}
  for _, claim in ipairs(claims) do
    if claim.subject == subject then
      parts[#parts + 1] = (claim.firm and '1' or '0') .. (claim.at or claim.expires) .. claim.path .. US .. claim.point
    end
  end
  return table.concat(parts, US)
end

local function put_claims(register, event, claims, subject, now)
  withdraw(register, event)
  for _, claim in ipairs(claims) do
    if claim.subject == subject and claim.at then
      add_move(register, { path = claim.path, at = claim.at, event = event, firm = claim.firm, point = claim.point })
    elseif claim.subject == subject then
      add_kept(register, { point = claim.point, path = claim.path, expires = claim.expires, event = event }, now)
    end
  end
end

-- Returns the changed registers: subject, register, subject, register ...
local function move_claims(prefix, event, before, after, now, registers)
  local moved, done = {}, {}
  for _, claims in ipairs({ after, before }) do
    for _, claim in ipairs(claims) do
      local subject = claim.subject
      if not done[subject] then
        done[subject] = true
        if #before == 0 or print_of(before, subject) ~= print_of(after, subject) then
          local register = open_register(prefix, subject, registers[subject])
          put_claims(register, event, after, subject, now)
          moved[#moved + 1] = subject
          moved[#moved + 1] = close_register(prefix, subject, register, now)
        end
      end
    end
  end
  return moved
end

local function move_uses(prefix, event, before, after)
  for _, used in ipairs(before) do
    local stays = false
    for _, other in ipairs(after) do stays = stays or other == used end
    if not stays and redis.call('HGET', prefix .. 'used', used) == event then
      redis.call('HDEL', prefix .. 'used', used)
    end
  end
  for _, used in ipairs(after) do redis.call('HSETNX', prefix .. 'used', used, event) end
end

-- A passage is late when its reservation had run out, and unmatched when nothing claims it.
local function judge_passage(before, after, now)
  local late = false
  for _, claim in ipairs(before) do
    late = late or (claim.expires ~= nil and tonumber(claim.expires) <= now)
  end
  return late, #before == 0 and #after == 0
end

local function keep_known(key, known, ...)
  local is_settled = known[OBEYED] ~= '' and (known[TAKEN_PART] ~= '' or known[C] == '')
  return redis.call('SET', key, table.concat(known, GS), 'PX', is_settled and DECISION_MS or OPEN_MS, ...)
end

-- Learns one part, first writer wins, and moves the claims. Returns what moved and, for a passage, late and unmatched.
-- `registers` holds the texts of registers that were read already.
local function learn(prefix, event, part, value, now, registers)
  local key, known = prefix .. 'u:' .. event, { '', '', '', '', '' }
  local effects, rows, before, uses_before = '', {}, {}, {}
  known[part] = value
  -- A decision is most often the first that is known of its presentation, anything else hardly ever.
  local is_decision = part == C or part == E
  local text
  if is_decision then text = keep_known(key, known, 'NX', 'GET') else text = redis.call('GET', key) end
  if text then
    known = read_known(text)
    if known[part] ~= '' then return {}, false, false end
    effects = effects_in_force(known)
    rows = read_effects(effects)
    before, uses_before = claims_of(known, rows)
    known[part] = value
  end
  if text or not is_decision then keep_known(key, known) end
  local effects_after = effects_in_force(known)
  if effects_after ~= effects then rows = read_effects(effects_after) end
  local after, uses_after = claims_of(known, rows)
  move_uses(prefix, event, uses_before, uses_after)
  local moved = move_claims(prefix, event, before, after, now, registers)
  if part == TAKEN_PART and value ~= 'N' then return moved, judge_passage(before, after, now) end
  return moved, false, false
end
