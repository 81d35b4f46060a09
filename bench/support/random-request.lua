-- wrk script: a random number in every request.
-- Arguments after `--`: path with the word RANDOM in it, highest number, seed.
local before, after, highest

function init(args)
  local path = args[1]
  local from, to = path:find("RANDOM", 1, true)
  before, after = path:sub(1, from - 1), path:sub(to + 1)
  highest = tonumber(args[2])
  math.randomseed(tonumber(args[3]))
end

function request()
  return wrk.format("GET", before .. math.random(1, highest) .. after)
end

-- One line of JSON at the end, instead of figures to be picked out of prose.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"bytes":%d,"microseconds":%d,"p50Ms":%.3f,"p99Ms":%.3f,' ..
    '"errors":{"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}}\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
