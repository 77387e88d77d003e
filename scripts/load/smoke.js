// Load smoke for a running service, with k6: a few users list tasks and look at plans for a while.
//
//   BASE_URL=http://127.0.0.1:8420 TOKEN=csn_… k6 run scripts/load/smoke.js
//
// Everything is read from the environment: BASE_URL, TOKEN (none on an open loopback), PLAN, USERS,
// DURATION, and the thresholds P95_MS, AVERAGE_MS and FAILURES (a share, 0.01 is one in a hundred).
// `scripts/load/smoke.sh` is the same profile with wrk.

import http from 'k6/http';
import { check, sleep } from 'k6';

const base = __ENV.BASE_URL || 'http://127.0.0.1:8420';
const plan = __ENV.PLAN || '';
const headers = __ENV.TOKEN ? { Authorization: `Bearer ${__ENV.TOKEN}` } : {};

export const options = {
  vus: Number(__ENV.USERS || 10),
  duration: __ENV.DURATION || '30s',
  thresholds: {
    http_req_duration: [`p(95)<${__ENV.P95_MS || 250}`, `avg<${__ENV.AVERAGE_MS || 100}`],
    http_req_failed: [`rate<${__ENV.FAILURES || 0.01}`],
  },
};

export default function () {
  const paths = ['/healthz', '/api/v1/plans', '/api/v1/reviews/metrics'];
  if (plan) paths.push(`/api/v1/plans/${plan}/tasks`);
  for (const path of paths) {
    const answer = http.get(`${base}${path}`, { headers });
    check(answer, { 'answered': (told) => told.status === 200 });
  }
  sleep(0.1);
}
