-- wrk script: GET requests made from a template, see template.lua. Arguments after `--`: path, seed, number of connections,
-- milliseconds that these have to open before the first one asks.
local folder = debug.getinfo(1, "S").source:match("^@(.*/)")
local compile = dofile(folder .. "template.lua")
local next_request
local open_ms = 0

function init(args)
  math.randomseed(tonumber(args[2]))
  -- The whole request is the template, head and all: wrk.format takes longer than the rest of a request.
  next_request = compile(wrk.format("GET", args[1]), math.random)
  local connections = tonumber(args[3])
  open_ms = tonumber(args[4])
  if open_ms == 0 then return end
  -- wrk calls this before every request if it is there: it costs little, but nothing where it is not needed.
  function delay()
    if connections == 0 then return 0 end
    connections = connections - 1
    return open_ms
  end
end

function request()
  return next_request()
end

-- One line of JSON at the end, instead of figures to be picked out of prose.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"bytes":%d,"microseconds":%d,"p50Ms":%.3f,"p99Ms":%.3f,"maxMs":%.3f,' ..
    '"errors":{"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}}\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    latency.max / 1000, errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
