// However a response comes about: each security header is there, once, with the profile's value.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from './kit/deadline.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient } from './kit/raw_client.mjs';
import { RecordingUpstream } from './kit/recording_upstream.mjs';

const nothing_loads = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const common = {
  'content-security-policy': nothing_loads, 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-site', 'cross-origin-opener-policy': 'same-origin',
};
const own_frontend = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
  + "connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
const no_nonce = "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; "
  + "form-action 'self'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'";
const profiles = {
  api: common,
  strict: { ...common, 'cross-origin-embedder-policy': 'require-corp', 'x-dns-prefetch-control': 'off', 'x-permitted-cross-domain-policies': 'none' },
  spa: { ...common, 'content-security-policy': own_frontend, 'referrer-policy': 'same-origin' },
  page: { ...common, 'content-security-policy': no_nonce, 'referrer-policy': 'same-origin' },
  helmet: {
    ...common, 'x-frame-options': 'SAMEORIGIN', 'cross-origin-resource-policy': 'same-origin', 'origin-agent-cluster': '?1', 'x-dns-prefetch-control': 'off',
    'x-permitted-cross-domain-policies': 'none', 'x-download-options': 'noopen', 'x-xss-protection': '0',
    'content-security-policy': "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors 'self';"
      + "img-src 'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self' https: 'unsafe-inline'",
  },
};
const never = ['strict-transport-security', 'server', 'x-powered-by', 'via'];

/// What the upstream says, by path.
const weak = 'X-Frame-Options: ALLOWALL\r\nX-Frame-Options: SAMEORIGIN\r\nX-Content-Type-Options: foo\r\nReferrer-Policy: unsafe-url\r\nServer: x/1.0\r\n'
  + 'Strict-Transport-Security: max-age=1\r\nCross-Origin-Opener-Policy: unsafe-none\r\nCross-Origin-Opener-Policy: unsafe-none\r\nX-Powered-By: x\r\n';
const said = (status, more = '', body = 'x') =>
  `HTTP/1.1 ${status}\r\n${/^(1|204|304)/.test(status) ? '' : `Content-Length: ${body.length}\r\n`}${weak}${more}\r\n${/^(1|204|304)/.test(status) ? '' : body}`;
const answers = {
  '/ok': said('200 OK', 'Content-Type: application/json\r\n'), '/404': said('404 Not Found'), '/500': said('500 Internal Server Error'), '/204': said('204 No Content'),
  '/304': said('304 Not Modified', 'ETag: "a"\r\n'), '/302': said('302 Found', 'Location: /ok\r\n'), '/206': said('206 Partial Content', 'Content-Range: bytes 0-0/9\r\n'),
  '/early': `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${said('200 OK')}`, '/garbage': 'SSH-2.0-x\r\n\r\n', '/closes': '',
  '/chunked': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${weak}\r\n1\r\nx\r\n0\r\n\r\n`,
};

const get = (path, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
const post = (more, body = '') => `POST /ok HTTP/1.1\r\nHost: localhost\r\n${more}\r\n${body}`;
/// [what, status, bytes sent, method]
const ways = [
  ...Object.keys(answers).filter((path) => /^\/(\d|ok|early|chunked)/.test(path)).map((path) =>
    [`the upstream's ${path}`, /^\/\d/.test(path) ? Number(path.slice(1)) : 200, get(path)]),
  ['HEAD', 200, 'HEAD /ok HTTP/1.1\r\nHost: localhost\r\n\r\n', 'HEAD'],
  ['HTTP/1.0', 200, 'GET /ok HTTP/1.0\r\nHost: localhost\r\n\r\n'],
  ['an upstream that talks no HTTP', 502, get('/garbage')],
  ['an upstream that closes', 502, get('/closes')],
  ['an upstream that says nothing', 504, get('/silent')],
  ['a method that the route has not', 405, 'DELETE /only-get HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['a path of ours', 404, get('/.gatehouse/nothing')],
  ['OPTIONS', 200, 'OPTIONS /ok HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['a preflight', 204, 'OPTIONS /ok HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example\r\nAccess-Control-Request-Method: PUT\r\n\r\n'],
  ['a preflight of somebody else', 403, 'OPTIONS /ok HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: PUT\r\n\r\n'],
  ['a request of a listed origin', 200, get('/ok', 'Origin: https://app.example\r\n')],
  ['a cross-site request', 403, post('Sec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n')],
  ['a WebSocket of another origin', 403, get('/ok', 'Origin: https://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n')],
  ['an upgrade that the upstream declines', 200, get('/ok', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n')],
  ['a host that is not ours', 421, 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n'],
  ['no host', 400, 'GET / HTTP/1.1\r\n\r\n'],
  ['two hosts', 400, 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n'],
  ['no HTTP at all', 400, '\x16\x03\x01\x02\x00 \r\n\r\n'],
  ['a line ending of its own', 400, 'GET / HTTP/1.1\nHost: localhost\n\n'],
  ['a bad field', 400, 'GET / HTTP/1.1\r\nHost: localhost\r\nX Y: z\r\n\r\n'],
  ['a control character', 400, 'GET / HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n'],
  ['a version that is none', 505, 'GET / HTTP/3.0\r\nHost: localhost\r\n\r\n'],
  ['an encoded slash', 400, get('/a%2fb')],
  ['CONNECT', 405, 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n'],
  ['TRACE', 405, 'TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['both lengths', 400, post('Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
  ['an encoding that is not known', 501, post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n')],
  ['a chunk that is none', 400, post('Transfer-Encoding: chunked\r\n', 'zz\r\n')],
  ['too much content', 413, post('Content-Length: 99999999\r\n')],
  ['an expectation of its own', 417, post('Expect: a-miracle\r\nContent-Length: 0\r\n')],
  ['a target without end', 414, get(`/${'a'.repeat(70_000)}`)],
  ['a head without end', 431, get('/', `X: ${'a'.repeat(70_000)}\r\n`)],
];

describe('every header is on every response', { skip: without_gateway }, () => {
  for (const [profile, expected] of Object.entries(profiles)) {
    test(profile, async (t) => {
      const upstream = await RecordingUpstream.start(t, (request, socket) => {
        const answer = answers[request.target] ?? (request.method === 'OPTIONS' ? said('200 OK') : undefined);
        if (answer === '' || answer === answers['/garbage']) socket.end(answer, 'latin1');
        else if (answer !== undefined) socket.write(request.method === 'HEAD' ? answer.slice(0, -1) : answer);
      });
      const gatehouse = await startGatehouse(t, {
        config: `upstream = "${upstream.url}"\n[headers]\nprofile = "${profile}"\n[cors]\norigins = ["https://app.example"]\nmethods = ["GET", "PUT"]\n`
          + '[proxy]\nfirst_byte_timeout = "300ms"\n[proxy.passive_health]\nfailures = 1000\n[[route]]\nmatch = "/only-get"\nmethods = ["GET"]\n',
      });
      for (const [name, status, bytes, method] of ways) {
        const client = await RawClient.connect(t, gatehouse.port);
        const response = await client.send(bytes).response({ method });
        assert.equal(response?.status, status, name);
        const values = (field) => response.fields.filter(([n]) => n.toLowerCase() === field).map(([, value]) => value);
        for (const [field, value] of Object.entries(expected)) assert.deepEqual(values(field), [value], `${field}: ${name}`);
        for (const field of never) assert.deepEqual(values(field), [], `${field}: ${name}`);
        client.socket.destroy();
      }
    });
  }
});

// first_day.md: a policy for an API shows a page as a blank one; who sees it shall read why.
test('a page that somebody looks at is a hint, once', { skip: without_gateway }, async (t) => {
  const page = 'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 3\r\n\r\n<p>';
  const own = page.replace('\r\n\r\n', "\r\nContent-Security-Policy: default-src 'self'\r\n\r\n");
  const upstream = await RecordingUpstream.start(t, (request, socket) => socket.write(request.target === '/own' ? own : request.target === '/json' ? page.replace('text/html', 'text/json') : page));
  const navigate = 'Sec-Fetch-Mode: navigate\r\n';
  for (const [profile, requests, hints] of [
    ['api', [get('/', navigate), get('/', navigate)], 1],
    ['strict', [get('/', navigate)], 1],
    ['api', [get('/'), get('/', 'Sec-Fetch-Mode: cors\r\n'), get('/own', navigate), get('/json', navigate)], 0],
    ['spa', [get('/', navigate)], 0],
    ['page', [get('/', navigate)], 0],
  ]) {
    const gatehouse = await startGatehouse(t, { config: `upstream = "${upstream.url}"\n[headers]\nprofile = "${profile}"\n` });
    const client = await RawClient.connect(t, gatehouse.port);
    for (const one of requests) assert.equal((await client.send(one).response()).status, 200);
    await until(() => gatehouse.records().filter((r) => r.event === 'request').length === requests.length, 'the log');
    assert.equal(gatehouse.records().filter((r) => r.event === 'hint' && /headers\.profile = "spa"/.test(r.text)).length, hints, profile);
  }
});
