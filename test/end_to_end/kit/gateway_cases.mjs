// Seeded policies, each of a route of its own, and what pages ask of them through the gateway.
import { randomOf } from './browser_cases.mjs';

const list = (all) => `[${all.map((one) => JSON.stringify(one)).join(', ')}]`;
const statuses = [200, 200, 200, 200, 201, 204, 304, 400, 401, 404, 413, 429, 500, 502, 301, 302, 303, 307, 308];
const methods = ['GET', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'put', 'patch', 'QUERY'];
const longest_body = 1024;
const headers = [
  [], [], [], [['Content-Type', 'application/json']], [['Authorization', 'Bearer x']], [['Content-Type', 'text/plain']], [['X-Custom', '1']],
  [['X-Custom', '1'], ['If-None-Match', '"1"']], [['Accept', 'text/html']], [['Accept', 'a"b']], [['X-Requested-With', 'fetch'], ['Authorization', 'Bearer x']], [['Range', 'bytes=0-9']],
];

/// The [cors] of one route. `pages`: the origins of the pages.
function policyOf(random, pages) {
  const some = pages.filter(() => random.chance(0.75));
  const any = random.chance(0.3);
  const credentials = !any && random.chance(0.5);
  const port = `http://localhost:*`;
  const keys = [`origins = ${list(any ? ['*'] : random.chance(0.25) ? [port, ...some.filter((one) => !one.startsWith('http://localhost'))] : some.length > 0 ? some : [pages[0]])}`];
  if (credentials) keys.push('credentials = true');
  if (random.chance(0.5)) keys.push(`methods = ${list(random.pick([['GET'], ['PUT'], ['GET', 'PUT', 'DELETE'], ['PATCH', 'OPTIONS']]))}`);
  if (random.chance(0.5)) keys.push(`request_headers = ${list(random.pick([[], ['content-type'], ['x-custom', 'authorization'], ['*'], ['*', 'authorization'], ['range', 'accept', 'if-none-match']].filter((one) => !credentials || !one.includes('*'))))}`);
  if (random.chance(0.5)) keys.push(`expose_headers = ${list(random.pick([['etag'], ['x-one', 'retry-after'], ['*']].filter((one) => !credentials || !one.includes('*'))))}`);
  if (random.chance(0.3)) keys.push('timing = true');
  if (random.chance(0.35)) keys.push('enforce = true');
  if (random.chance(0.1)) keys.push('max_age = "0s"');
  if (random.chance(0.5)) keys.push(`disclose = "${random.pick(['minimal', 'stepwise'])}"`);
  if (random.chance(0.2)) keys.push('preflight_status = 200');
  return keys;
}

export function gatewayConfig(seed, count, pages) {
  const random = randomOf(seed);
  const routes = Array.from({ length: count }, (_, i) => {
    const keys = policyOf(random, pages);
    return `[[route]]\nmatch = "/p${i}/*"\n[route.limits]\nmax_body = ${longest_body}\n[route.cors]\n${keys.join('\n')}\n`;
  });
  return routes.join('\n');
}

export function gatewayCases(seed, count, policies, pages, gateways) {
  const random = randomOf(seed + 1);
  return Array.from({ length: count }, (_, i) => {
    const id = String(i);
    const at = `/p${random.below(policies)}/s`;
    const base = { id, page: random.chance(0.05) ? 'null' : random.pick(pages), redirect: 'follow', mode: 'cors', body: null };
    // The API takes those of /s/101/, and answers others with their status; who is not allowed never gets there.
    if (i % 12 === 11) return { ...base, websocket: true, protocols: [], url: `${random.pick(gateways).replace('http', 'ws')}${at}/${random.pick([101, 101, 403])}/${id}`, method: 'GET', headers: [], credentials: 'same-origin' };
    // The gateway itself says 413: the API would say 200.
    if (i % 12 === 5) return { ...base, status: 200, url: `${random.pick(gateways)}${at}/200/${id}`, method: random.pick(['POST', 'PUT', 'PATCH', 'DELETE']), headers: random.pick(headers), credentials: random.pick(['same-origin', 'include']), body: 'x'.repeat(longest_body + 1 + random.below(3000)) };
    const status = random.pick(statuses);
    return { ...base, status, url: `${random.pick(gateways)}${at}/${status}/${id}`, method: random.pick(methods), headers: random.pick(headers), credentials: random.pick(['same-origin', 'include', 'omit', 'include']) };
  });
}
