-- One durable change of a reception's state a request. Each reply names the reception and its new revision,
-- from which the next change of that reception is made.
-- arguments after `--`: token, day, number of receptions
local day, count, n, sent = "", 0, 0, 0
local revision, state, busy = {}, {}, {}
function init(args)
   wrk.headers["Authorization"] = "Bearer " .. args[1]
   wrk.headers["Content-Type"] = "application/json"
   day, count = args[2], tonumber(args[3])
   math.randomseed(os.time())
   prefix = string.format("%08x-%04x-7%03x-8%03x-", os.time(), math.random(0, 65535),
      math.random(0, 4095), math.random(0, 4095))
end
function request()
   repeat n = n % count + 1 until not busy[n]
   sent = sent + 1
   busy[n] = true
   state[n] = state[n] == "in_consultation" and "waiting" or "in_consultation"
   local body = string.format('{"change_id":"%s%012x","state":"%s","seen_revision":%d}', prefix, sent,
      state[n], revision[n] or 1)
   return wrk.format("PUT", string.format("/v1/receptions/%s/%05d/state", day, n), nil, body)
end
function response(status, headers, body)
   local id = tonumber(body:match('"id":"(%d+)"'))
   if id then
      revision[id] = tonumber(body:match('"revision":(%d+)'))
      busy[id] = nil
   end
end
function done(summary, latency)
   io.write(string.format("RESULT requests=%d seconds=%.3f bad=%d p50=%.3f p99=%.3f\n",
      summary.requests, summary.duration / 1e6, summary.errors.status + summary.errors.connect +
      summary.errors.read + summary.errors.write + summary.errors.timeout,
      latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
