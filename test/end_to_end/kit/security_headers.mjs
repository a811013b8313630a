// What every answer must carry: the profile `api`, docs/security-headers.md. Strict-Transport-Security is the eighth, and is
// never sent over plain HTTP.
import assert from 'node:assert/strict';
import { without_gateway } from './gatehouse.mjs';

export const api_headers = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store, max-age=0',
};
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const forbidden = ['strict-transport-security', 'x-powered-by', 'server', 'via', 'x-aspnet-version'];

/// `fields`: [[name, value]]. `own`: what the application sent itself of the headers that it may.
export function assertHardened(fields, own = {}) {
  if (without_gateway) return;
  const values = (name) => fields.filter(([n]) => n.toLowerCase() === name).map(([, value]) => value);
  const got = {};
  const want = {};
  for (const [name, value] of Object.entries({ ...api_headers, ...own })) {
    want[name] = [value];
    got[name] = values(name);
  }
  for (const name of forbidden) {
    want[name] = [];
    got[name] = values(name);
  }
  assert.deepEqual(got, want, `security headers of ${JSON.stringify(fields)}`);
  const ids = values('x-request-id');
  assert.equal(ids.length, 1, `X-Request-Id of ${JSON.stringify(fields)}`);
  assert.match(ids[0], uuid);
}

/// A refusal as the client must see it: the status, the document, its id, and the headers.
export function assertProblem(response, status, title) {
  assert.equal(response.status, status, response.body?.toString());
  assertHardened(response.fields);
  assert.deepEqual(response.all('content-type'), ['application/problem+json']);
  const document = JSON.parse(response.body.toString());
  assert.equal(document.status, status);
  assert.equal(document.instance, `urn:uuid:${response.get('x-request-id')}`);
  assert.deepEqual(Object.keys(document), ['type', 'title', 'status', 'instance']);
  if (title) assert.equal(document.title, title);
  return document;
}
