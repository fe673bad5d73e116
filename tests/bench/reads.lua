-- One authenticated, audited patient read a request, over all patients in turn.
-- arguments after `--`: token, number of patients
local n, count = 0, 0
function init(args)
   wrk.headers["Authorization"] = "Bearer " .. args[1]
   count = tonumber(args[2])
end
function request()
   n = n % count + 1
   return wrk.format("GET", string.format("/v1/patients/%05d", n))
end
function done(summary, latency)
   io.write(string.format("RESULT requests=%d seconds=%.3f bad=%d p50=%.3f p99=%.3f\n",
      summary.requests, summary.duration / 1e6, summary.errors.status + summary.errors.connect +
      summary.errors.read + summary.errors.write + summary.errors.timeout,
      latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
