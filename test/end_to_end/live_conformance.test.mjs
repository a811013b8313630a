// The conformance corpus against the running gateway: on its client side, and on its upstream's.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { readCorpus } from './kit/conformance.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { startGatehouse, without_gateway } from './kit/gatehouse.mjs';
import { RawClient } from './kit/raw_client.mjs';
import { RecordingUpstream } from './kit/recording_upstream.mjs';
import { assertHardened, assertProblem } from './kit/security_headers.mjs';

// The host check only watches: the corpus asks for hosts of all kinds. What is strict stays so.
const config = 'report_only = true\n';
const max_body = 1024 * 1024;
const corpus = readCorpus();

/// The gateway and what stands behind it; one for each part, so that nothing late of one is counted in the next.
async function startChain() {
  const upstream = await RecordingUpstream.start(file_scope);
  return { upstream, gatehouse: await startGatehouse(file_scope, { to: upstream.url, config }) };
}

/// Runs all cases and reports all that fail, not the first.
async function runAll(chain, cases, run) {
  const failures = [];
  for (const one of cases) {
    const hooks = scope();
    try {
      await run(hooks, chain, one);
    } catch (e) {
      failures.push(`${one.name}\n${e.message}`);
    }
    hooks.end();
  }
  assert.equal(failures.length, 0, `${failures.length} of ${cases.length} cases:\n\n${failures.join('\n\n')}`);
}

function scope() {
  const ends = [];
  return { after: (end) => ends.push(end), end: () => ends.forEach((end) => end()) };
}

function assertRefusal(response, { reason, status }) {
  assert.ok(response, 'no answer');
  const { type } = assertProblem(response, status);
  assert.ok([`urn:problem-type:${reason}`, 'about:blank'].includes(type), `${type} for ${reason}`);
}

/// The corpus is about what can be read. A server also has a limit for what it wants to.
function asServed(one) {
  const too_large = ({ facts }) => facts?.framing?.startsWith('length') && Number(facts.framing.slice(7)) > max_body;
  const at = one.outcomes.findIndex(too_large);
  if (at < 0) return one;
  return { ...one, outcomes: [...one.outcomes.slice(0, at), { kind: 'refused', reason: 'limit.body-too-large', status: 413 }] };
}

// --- What clients send ----------------------------------------------------------------------------------------------------
async function sendsAsClient(hooks, { upstream, gatehouse }, one) {
  const requests_before = upstream.requests.length;
  const client = await RawClient.connect(hooks, gatehouse.port);
  client.send(one.bytes);

  const accepted = one.outcomes.filter((o, i) => o.kind === 'accepted' && !['refused', 'incomplete'].includes(failureAfter(one, i)));
  for (const { first } of accepted) {
    const response = await client.response({ method: first });
    assert.ok(response, `no answer to ${first}`);
    assert.equal(response.status, 200, response.text);
    assertHardened(response.fields);
  }
  const last = one.outcomes.at(-1);
  if (last.kind === 'accepted' && last.facts.upgrade) {
    // Our upstream grants none, so what follows is read as HTTP again, and need not be any.
    client.socket.destroy();
    client.received = Buffer.alloc(0);
  } else if (last.kind === 'refused') {
    const response = await client.response();
    assertRefusal(response, last);
    assert.equal(response.get('connection'), 'close');
  } else {
    client.halfClose();
  }
  await client.ended();
  assert.equal(client.received.toString('latin1'), '', 'bytes behind the last answer');

  // All that will ever reach the upstream has: whatever is unfinished there is cut.
  await upstream.when(() => upstream.connections.every((c) => c.closed || c.unfinished.length === 0), 'the end of what is not whole');
  const got = upstream.requests.slice(requests_before).map(({ method, target, body }) => ({ method, target, body: body.toString('latin1') }));
  assert.deepEqual(got, accepted.map(({ first, second, facts }) => ({ method: first, target: second, body: facts.body ?? '' })));
}

/// What becomes of the body of the accepted message `i`: 'refused', 'incomplete', or nothing bad.
function failureAfter({ outcomes, bytes }, i) {
  const next = outcomes[i + 1];
  if (next?.kind === 'refused' && next.in_body) return 'refused';
  const { framing = '', body = '' } = outcomes[i].facts;
  const whole = framing === 'chunked' ? /0\r\n.*\r\n$/s.test(bytes) : framing === '' || framing === `length ${body.length}`;
  return next?.kind === 'incomplete' && !whole ? 'incomplete' : undefined;
}

/// A chunked body as a whole request; what follows it belongs to another one.
function asRequest(one) {
  const [accepted] = one.outcomes;
  const rest = accepted.facts.rest ?? '';
  const outcomes = [{ ...accepted, first: 'POST', second: '/', facts: { ...accepted.facts, framing: 'chunked' } }, ...one.outcomes.slice(1)];
  const bytes = `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${one.bytes.slice(0, one.bytes.length - rest.length)}`;
  return { ...one, bytes, outcomes };
}

const requests = Object.entries(corpus).map(([document, cases]) =>
  [document, cases.filter((c) => c.kind !== 'response').map((c) => asServed(c.kind === 'chunked' ? asRequest(c) : c))]);

function runDocuments(name, wanted, run) {
  describe(name, { skip: without_gateway }, () => {
    let chain;
    before(async () => { chain = await startChain(); });
    for (const [document, cases] of requests) {
      const these = cases.filter(wanted);
      if (these.length > 0) test(`${document}: ${these.length} cases`, () => runAll(chain, these, run));
    }
  });
}

const nothing_passes = ({ outcomes: [{ kind }] }) => kind !== 'accepted';
runDocuments('requests of which no byte reaches the upstream', nothing_passes, async (hooks, chain, one) => {
  await sendsAsClient(hooks, chain, one);
  assert.equal(chain.upstream.byteCount, 0);
  assert.equal(chain.upstream.connections.length, 0);
});
runDocuments('requests that reach the upstream', (one) => !nothing_passes(one), sendsAsClient);

// --- What upstreams answer ------------------------------------------------------------------------------------------------
// Without content there is no framing: https://www.rfc-editor.org/rfc/rfc9110#section-8.6
const not_forwarded = /^(connection|keep-alive|proxy-connection|upgrade|transfer-encoding|te|trailer|server|x-powered-by|date):/i;

async function answersAsUpstream(hooks, { upstream, gatehouse }, one) {
  const requests_before = upstream.requests.length;
  upstream.answer = (request, socket) => socket.end(one.bytes, 'latin1');
  const client = await RawClient.connect(hooks, gatehouse.port);
  client.send(`${one.request_method} / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`);
  const response = await client.response({ method: one.request_method });
  assert.equal(upstream.requests.length, requests_before + 1);

  const final = one.outcomes.find((o) => o.kind === 'accepted' && !o.first.startsWith('1'));
  const last = one.outcomes.at(-1);
  if (final && last.kind === 'accepted' && Number(final.first) < 500) {
    assert.ok(response, 'no whole answer');
    assert.equal(response.status, Number(final.first));
    assert.equal(response.body.toString('latin1'), final.facts.body ?? '');
    const got = new Set(response.fields.map(([name, value]) => `${name}: ${value}`));
    const without_content = [204, 304].includes(response.status);
    const lost = final.fields.filter((line) => !not_forwarded.test(line) && !got.has(line) && !(without_content && /^content-length:/i.test(line)));
    assert.deepEqual(lost, []);
    assertHardened(response.fields);
  } else if (final && last.kind === 'accepted') {
    assertProblem(response, Number(final.first));
  } else if (final && response === null) {
    await client.ended();  // it had begun, and was cut
  } else {
    assertRefusal(response, { reason: 'upstream.invalid-response', status: 502 });
  }
}

test('responses', { skip: without_gateway }, async () => runAll(await startChain(), corpus['responses.md'], answersAsUpstream));
