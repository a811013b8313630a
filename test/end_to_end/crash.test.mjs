// What a failing API says about itself reaches the operator's log, and never a client.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startApi } from './kit/api.mjs';
import { request } from './kit/client.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient } from './kit/raw_client.mjs';
import { assertProblem } from './kit/security_headers.mjs';

const get = (path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

describe('an error of the API', { skip: without_gateway }, () => {
  let api, gatehouse;
  before(async () => {
    api = await startApi(file_scope);
    gatehouse = await startGatehouse(file_scope, { to: api.url });
  });
  const rows = [
    { name: 'thrown by a handler', path: '/throw', status: 500, title: 'Internal Server Error', logged: 'SECRET-4711: cannot log in to db.internal:5432' },
    { name: 'from a rejected promise', path: '/reject', status: 500, title: 'Internal Server Error', logged: 'SECRET-4712: /srv/app/models/user.js is broken' },
    { name: 'that the API writes itself', path: '/own-500', status: 503, title: 'Service Unavailable', logged: 'SECRET-4713' },
  ];
  for (const { name, path, status, title, logged } of rows) {
    test(name, async (t) => {
      const client = await RawClient.connect(t, gatehouse.port);
      const response = await client.send(get(path)).response();
      assertProblem(response, status, title);
      assert.ok(!response.text.includes('SECRET'));
      // The connection is as good as before.
      assert.equal((await client.send(get('/notes/1')).response()).status, 200);
      // The log has the original, and the id that the client can tell.
      await gatehouse.says(logged);
      const id = response.get('x-request-id');
      const record = gatehouse.records().find((r) => JSON.stringify(r).includes(logged.split(':')[0]));
      assert.ok(JSON.stringify(record).includes(id), `${id} in ${JSON.stringify(record)}`);
    });
  }

  test('passes where errors.upstream_5xx is "pass"', async (t) => {
    const open = await startGatehouse(t, { to: api.url, config: '[errors]\nupstream_5xx = "pass"\n' });
    const response = await request(open.url, { path: '/own-500' });
    assert.equal(response.status, 503);
    assert.equal(response.json().error, 'SECRET-4713');
  });
});

test('an API that exits before it answers: 502', { skip: without_gateway }, async (t) => {
  const api = await startApi(t);
  const gatehouse = await startGatehouse(t, { to: api.url });
  const client = await RawClient.connect(t, gatehouse.port);
  assertProblem(await client.send(get('/exit-before-head')).response(), 502, 'Bad Gateway');
  await api.exited;
  // The next request finds nobody.
  assertProblem(await client.send(get('/notes')).response(), 502, 'Bad Gateway');
  await gatehouse.says(`nothing listens on 127.0.0.1:${api.port}`);
});

for (const framing of ['length', 'chunked']) {
  const path = `/exit-in-body/${framing}`;
  const start = async (t) => {
    const api = await startApi(t);
    return startGatehouse(t, { to: api.url });
  };

  test(`an API that exits in the middle of its answer (${framing}): no whole message leaves`, async (t) => {
    const client = await RawClient.connect(t, (await start(t)).port);
    client.send(get(path));
    assert.equal((await client.head()).status, 200);
    assert.equal(await client.response(), null);
    await client.ended();
  });

  test(`an API that exits in the middle of its answer (${framing}): Node's client knows`, async (t) => {
    const { url } = await start(t);
    await assert.rejects(request(url, { path }), /aborted|ECONNRESET/);
  });
}
