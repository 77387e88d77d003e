-- The requests of the load smoke, for wrk; what came of them is printed as one line of JSON.

local paths = { "/healthz", "/api/v1/plans", "/api/v1/reviews/metrics" }
local plan = os.getenv("PLAN")
if plan and plan ~= "" then
  paths[#paths + 1] = "/api/v1/plans/" .. plan .. "/tasks"
end
local token = os.getenv("TOKEN")
local headers = {}
if token and token ~= "" then
  headers["Authorization"] = "Bearer " .. token
end
local at = 0

request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at], headers)
end

done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '{"requests":%d,"failed":%d,"average_ms":%.3f,"p95_ms":%.3f,"a_second":%.0f}\n',
    summary.requests, failed, latency.mean / 1000, latency:percentile(95) / 1000,
    summary.requests / (summary.duration / 1e6)))
end
