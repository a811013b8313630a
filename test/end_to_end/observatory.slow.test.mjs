// MDN's HTTP Observatory (npm, offline) on the gateway over TLS: the profiles, and errors of the API, of which the gateway writes the 500 anew.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Authority, install } from './kit/certificates.mjs';
import { within } from './kit/deadline.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { source_dir, startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { ChildProcess } from './kit/process.mjs';

// It asks for a name with a dot, and for loopback names there is no HSTS.
const host = 'api.gatehouse.test';
let authority, upstream;
before(async () => {
  authority = new Authority(file_scope);
  const server = createServer((request, response) => {
    if (request.url === '/page') return response.setHeader('content-type', 'text/html').end('<p>');  // whose policy has a nonce
    response.writeHead(Number(request.url.slice(1)) || 200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  file_scope.after(() => { server.closeAllConnections(); server.close(); });
  upstream = `http://127.0.0.1:${server.address().port}`;
});

async function judge(t, profile, paths) {
  const gatehouse = await startGatehouse(t, {
    config: `upstream = "${upstream}"\nhosts = ["${host}"]\n[tls]\ncertificate = "a.pem"\nkey = "a.key"\nredirect_from = "127.0.0.1:0"\n` +
      (profile ? `[headers]\nprofile = "${profile}"\n` : '[headers]\nstrict_transport_security = ""\n'),
    before: (folder) => install(folder, authority.issue([host])),
  });
  const [, http_port] = await gatehouse.says(/redirecting on http:\/\/127\.0\.0\.1:(\d+)/);
  const judging = new ChildProcess(t, process.execPath,
    [join(source_dir, 'test/judges/observatory.mjs'), host, http_port, gatehouse.port, ...paths],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: authority.file } });
  assert.deepEqual(await within(judging.exited, 'the Observatory'), { code: 0, signal: null }, judging.output);
  return JSON.parse(judging.output.split('\n').find((line) => line.startsWith('[')));
}

// 130 is what an API without cookies can have (spec/browser_hardening.md section 2); styles of elements cost `spa` and helmet ten.
const profiles = [
  ['api', 130, ['/', '/401', '/403', '/404', '/429', '/500']],
  ['strict', 130, ['/']],
  ['spa', 120, ['/']],
  ['page', 130, ['/page']],
  ['helmet', 120, ['/']],
];
for (const [profile, score, paths] of profiles) {
  test(`${profile}: A+ and no failed test`, { skip: without_gateway }, async (t) => {
    const expected = paths.map((path) => ({ path, status: Number(path.slice(1)) || 200, grade: 'A+', score, failed: [] }));
    assert.deepEqual(await judge(t, profile, paths), expected);
  });
}

test('it would see what is missing', { skip: without_gateway }, async (t) => {
  assert.deepEqual((await judge(t, '', ['/'])).map(({ score, failed }) => [score, failed]), [[80, ['hsts-not-implemented']]]);
});
