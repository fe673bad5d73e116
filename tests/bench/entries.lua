-- One durable entry a request: an item of a patient's profile, signed beforehand, each sent once.
-- arguments after `--`: file of entries (a line each: id, key, signature, body; tabs between)
local threads, lines, headers = {}, nil, nil
taken = 0
function setup(thread)
   table.insert(threads, thread)
end
function init(args)
   lines = assert(io.open(args[1]))
   headers = { ["Content-Type"] = "application/json" }
end
function request()
   local line = lines:read("*l")
   if not line then
      -- An entry that comes again is no new one; `done` tells that they ran out.
      lines:seek("set")
      line = lines:read("*l")
   end
   taken = taken + 1
   local id, key, signature, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
   headers["soegaki-entry-key"] = key
   headers["soegaki-entry-signature"] = signature
   return wrk.format("PUT", "/v1/entries/" .. id, headers, body)
end
function done(summary, latency)
   local sent = 0
   for _, thread in ipairs(threads) do sent = sent + thread:get("taken") end
   io.write(string.format("RESULT requests=%d seconds=%.3f bad=%d p50=%.3f p99=%.3f sent=%d\n",
      summary.requests, summary.duration / 1e6, summary.errors.status + summary.errors.connect +
      summary.errors.read + summary.errors.write + summary.errors.timeout,
      latency:percentile(50) / 1000, latency:percentile(99) / 1000, sent))
end
