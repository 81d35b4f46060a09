-- Texts with a value of its own in every request, shared by the scripts for wrk and sysbench. In braces stands what is
-- put there: {1..1000} a random whole number, {a,b,c} one of these words.

-- `random(from, to)` gives a whole number. The function that is returned gives a text at each call.
local function compile(template, random)
  local texts, draws, at = {}, {}, 1
  for from, body, to in template:gmatch("(){(.-)}()") do
    texts[#texts + 1] = template:sub(at, from - 1)
    at = to
    local low, high = body:match("^(%d+)%.%.(%d+)$")
    if low then
      low, high = tonumber(low), tonumber(high)
      draws[#draws + 1] = function() return random(low, high) end
    else
      local words = {}
      for word in body:gmatch("[^,]+") do words[#words + 1] = word end
      draws[#draws + 1] = function() return words[random(1, #words)] end
    end
  end
  local rest = template:sub(at)
  -- One concatenation a text: what is written out here is what the load generator spends its time on.
  if #draws == 0 then return function() return rest end end
  if #draws == 1 then
    local first, draw = texts[1], draws[1]
    return function() return first .. draw() .. rest end
  end
  if #draws == 2 then
    local first, second, draw_first, draw_second = texts[1], texts[2], draws[1], draws[2]
    return function() return first .. draw_first() .. second .. draw_second() .. rest end
  end
  return function()
    local parts = {}
    for i = 1, #draws do
      parts[#parts + 1] = texts[i]
      parts[#parts + 1] = draws[i]()
    end
    parts[#parts + 1] = rest
    return table.concat(parts)
  end
end

return compile
