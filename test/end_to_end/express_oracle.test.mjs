// Express 5 as the oracle: one table of requests, sent to an Express app and to a library server with the same routes. What is
// not said to differ must be the same. Each difference has its reason, which docs/deviations.md lists, too.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { before, describe, test } from 'node:test';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { request } from './kit/client.mjs';
import { file_scope } from './kit/file_scope.mjs';
import { source_dir } from './kit/gatehouse.mjs';
import { ChildProcess } from './kit/process.mjs';
import { RawClient } from './kit/raw_client.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-oracle-'));
file_scope.after(() => rmSync(folder, { recursive: true, force: true }));
const used = new Set();  // of the reasons below
const modified = 'Sun, 06 Nov 1994 08:49:37 GMT';
for (const [name, content] of Object.entries({
  'index.html': '<h1>home</h1>', 'digits.txt': '0123456789', 'empty.txt': '', 'app.js': 'let a', 'style.css': 'a {}',
  'data.json': '{}', 'picture.png': 'png', 'vector.svg': '<svg/>', 'font.woff2': 'font', 'module.wasm': 'wasm', 'a b.txt': 'space',
  'ä.txt': 'umlaut', 'no-extension': 'bytes', '.hidden': 'secret', '.git/config': 'secret', 'docs/index.html': 'docs',
  'docs/page.html': 'page', 'bare/file.txt': 'file', 'large.txt': 'x'.repeat(300_000),
})) {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  utimesSync(path, new Date(modified), new Date(modified));
}

let express, library;
before(async () => {
  const start = async (command, args, says) => {
    const child = new ChildProcess(file_scope, command, args, { env: { ...process.env, NODE_ENV: 'production' } });
    const [, url, port] = await child.says(says);
    return { url, port: Number(port) };
  };
  const bin = process.env.GATEHOUSE_EXAMPLES_DIR ?? join(source_dir, 'build/test/bin');
  [express, library] = await Promise.all([
    start(process.execPath, [fileURLToPath(new URL('fixtures/oracle.mjs', import.meta.url)), folder], /oracle on (http:\/\/127\.0\.0\.1:(\d+))/),
    start(join(bin, 'express_oracle'), ['0', folder], /listening on (http:\/\/127\.0\.0\.1:(\d+))/),
  ]);
});

// --- Why they differ ----------------------------------------------------------------------------------------------------------
const reasons = {
  'strict-paths': 'paths are compared byte for byte: case and a trailing slash matter, or an access rule for one spelling misses another',
  'path-first': 'the path decides before the method: a path has one set of methods, which Allow and CORS agree about',
  'specific-first': 'the most specific pattern answers, not the first that was registered',
  'allow-405': 'a method that a path has not is 405 with Allow, not 404 (RFC 9110 section 15.5.6)',
  'options-204': 'OPTIONS is 204 without content, and Allow names OPTIONS itself',
  'unknown-method': 'a method that nobody knows is 501, TRACE and CONNECT are refused, before any route',
  'ambiguous-path': 'a path that two readers could take for different ones is refused: dot segments, //, encoded slashes and dots, backslashes',
  'query-once': 'a value that is there twice is refused, not made a list',
  'invalid-text': 'text that is not UTF-8, or has a NUL, is refused',
  'strict-head': 'a head that is not exactly HTTP/1.1 is refused',
  'unsupported-type': 'a body of another type is 415, not no body',
  'own-conditions': 'conditions on what a handler answers are for the handler to judge; files judge them by themselves',
  'folder-index': 'a folder without an index does not exist, with or without its slash',
  'no-cache-request': 'Cache-Control of a request is for caches, not for us: conditions are evaluated (RFC 9110 section 13)',
  'range-of-head': 'Range is for GET only (RFC 9110 section 14.2)',
  'invalid-range': 'a Range that is not valid is ignored (RFC 9110 section 14.2), one that is valid but outside is 416',
  'if-range': 'If-Range takes exactly this date, or exactly this entity-tag (RFC 9110 section 13.1.5)',
  'first-line': 'header() is the first line of a name, not all of them joined',
  'head-framing': 'an answer to HEAD has the framing that GET would have, chunked too',
  'json-charset': 'JSON has no charset parameter (RFC 8259 section 11)',
  'long-suffix': 'the last 99 bytes of 10 are all of them (RFC 9110 section 14.1.2)',
  'no-secrets': 'what is answered to a request with credentials, or sets a cookie, is not compressed: its length would give secrets away (BREACH)',
  'weak-etag': 'what is compressed has a weak entity-tag: the bytes are others (RFC 9110 section 8.8.3)',
  'own-coding': 'who encodes by himself says himself what that depends on',
  'no-deflate': 'deflate is not offered: clients read two formats by that name',
  'head-coding': 'HEAD is answered as GET, in its coding and without a length that nobody knows yet',
};
test('every reason is listed in docs/deviations.md, in these words', () => {
  const listed = readFileSync(join(source_dir, 'docs/deviations.md'), 'utf8');
  for (const [key, why] of Object.entries(reasons)) assert.ok(listed.includes(`| \`${key}\` | ${why} |`), key);
});

// --- What is compared ---------------------------------------------------------------------------------------------------------
// Not compared: what the hardening adds, Cache-Control and Vary (ours are set by policy), the text of an entity-tag, the content of
// an error or a redirect that the framework made (problem documents; no content).
const compared = ['location', 'allow', 'content-type', 'content-length', 'content-range', 'accept-ranges', 'last-modified', 'transfer-encoding',
  'content-encoding', 'x-before', 'x-guarded', 'x-one', 'x-many', 'x-empty', 'x-value'];
const of_content = ['content-type', 'content-length', 'transfer-encoding'];

function outcome(response) {
  const type = response.get('content-type') ?? '';
  const framework_made = response.status >= 300 && !type.startsWith('text/plain; charset=utf-8') || response.status >= 301 && response.status <= 308;
  const fields = {};
  for (const name of compared) {
    if (framework_made && of_content.includes(name)) continue;
    const values = response.all(name);
    if (values.length) fields[name] = values.join(' | ');
  }
  if (response.status >= 400) for (const name of ['accept-ranges', 'last-modified', 'x-before']) delete fields[name];
  if (response.get('etag')) fields.etag = 'there';
  if (framework_made) delete fields.etag;
  return { status: response.status, ...fields, body: framework_made ? '' : response.body.toString() };
}

const decoders = { br: brotliDecompressSync, gzip: gunzipSync, deflate: inflateSync };
/// Read by Node's zlib. How it is framed does not count then: Express never knows the length, we do when the content is whole.
function decoded_outcome(response) {
  const decode = decoders[response.get('content-encoding')];
  const all = outcome(response);
  all.vary = response.all('vary').join(', ');
  if (all.etag) all.etag = response.get('etag');
  if (!decode) return all;
  if (response.body.length) all.body = decode(response.body).toString();
  for (const name of ['content-length', 'transfer-encoding']) delete all[name];
  return all;
}

async function ask(server, [method, path], { headers, send, raw, coded }) {
  if (raw) {
    const client = await RawClient.connect(file_scope, server.port);
    client.send(raw);
    const got = await client.response({ method });
    client.socket.destroy();
    return outcome(got);
  }
  const length = send === undefined ? {} : { 'Content-Length': Buffer.byteLength(send) };
  const got = await request(server.url, { method, path, headers: { ...length, ...headers }, body: send });
  return coded ? decoded_outcome(got) : outcome(got);
}

/// [name, 'METHOD /path', { headers, send, raw }, [reason, what differs of ours]]
function compare(rows) {
  for (const [name, line, options = {}, differs] of rows) {
    test(`${name}: ${line}`, async () => {
      const [theirs, ours] = await Promise.all([express, library].map((server) => ask(server, line.split(/ (.*)/), options)));
      if (!differs) return assert.deepEqual(ours, theirs);
      const [reason, express_says, library_says] = differs;
      assert.ok(reasons[reason], reason);
      used.add(reason);
      const of = (all, some) => Object.fromEntries(Object.keys(some).map((key) => [key, all[key]]));
      assert.notDeepEqual(ours, theirs, 'not different any more');
      assert.deepEqual({ express: of(theirs, express_says), library: of(ours, library_says) }, { express: express_says, library: library_says });
    });
  }
}
const h = (headers) => ({ headers });
const plain = { 'Content-Type': 'text/plain' };
const s = (status) => ({ status });

describe('routing', () => compare([
  ['the root', 'GET /'],
  ['a literal', 'GET /literal'],
  ['with a query', 'GET /literal?a=b'],
  ['with an empty query', 'GET /literal?'],
  ['unreserved characters', 'GET /dash-and.dot_~'],
  ['no route', 'GET /nowhere'],
  ['no route below a literal', 'GET /literal/x'],
  ['only the begin of a literal', 'GET /lit'],
  ['more than a literal', 'GET /literals'],
  ['upper case where lower is meant', 'GET /LITERAL', {}, ['strict-paths', s(200), s(404)]],
  ['lower case where upper is meant', 'GET /upper', {}, ['strict-paths', s(200), s(404)]],
  ['the case that was registered', 'GET /Upper'],
  ['a slash too many', 'GET /literal/', {}, ['strict-paths', s(200), s(404)]],
  ['a slash that was registered', 'GET /slash/'],
  ['a slash too few', 'GET /slash', {}, ['strict-paths', s(200), s(404)]],
  ['a parameter', 'GET /notes/7'],
  ['a parameter with letters', 'GET /notes/seven'],
  ['a parameter with a dot', 'GET /notes/7.json'],
  ['a parameter with a dash', 'GET /notes/a-b'],
  ['a parameter, encoded', 'GET /notes/a%20b'],
  ['a parameter in UTF-8', 'GET /notes/%C3%A4'],
  ['a plus in a path is a plus', 'GET /notes/a+b'],
  ['an encoded percent sign', 'GET /notes/100%25'],
  ['an encoded question mark', 'GET /notes/a%3Fb'],
  ['an encoded hash', 'GET /notes/a%23b'],
  ['punctuation that needs no encoding', "GET /notes/a!$&'()*,;=:@b"],
  ['a parameter that is not UTF-8', 'GET /notes/%FF'],
  ['a parameter with a NUL', 'GET /notes/a%00b', {}, ['invalid-text', s(200), s(400)]],
  ['a percent sign without digits', 'GET /notes/100%'],
  ['an encoded slash', 'GET /notes/a%2Fb', {}, ['ambiguous-path', s(200), s(400)]],
  ['an encoded backslash', 'GET /notes/a%5Cb', {}, ['ambiguous-path', s(200), s(400)]],
  ['an encoded line break', 'GET /notes/a%0D%0Ab', {}, ['ambiguous-path', s(200), s(400)]],
  ['a parameter that is empty', 'GET /notes/'],
  ['a parameter and its slash', 'GET /notes/7/', {}, ['strict-paths', s(200), s(404)]],
  ['a literal beside a parameter', 'GET /notes/new'],
  ['two parameters', 'GET /users/ada/notes/7'],
  ['two parameters, one missing', 'GET /users/ada/notes'],
  ['two parameters, encoded', 'GET /users/a%20b/notes/c%26d'],
  ['an encoded literal', 'GET /%6Citeral'],
  ['a wildcard', 'GET /rest/a'],
  ['a wildcard with segments', 'GET /rest/a/b/c'],
  ['a wildcard, encoded', 'GET /rest/a%20b/c'],
  ['a wildcard with nothing', 'GET /rest'],
  ['a wildcard with only a slash', 'GET /rest/'],
  ['a wildcard with a last slash', 'GET /rest/a/'],
  ['a literal where a parameter was registered first', 'GET /mixed/y/x', {}, ['specific-first', { body: 'mixed y' }, { body: 'literal first x' }]],
  ['a parameter beside it', 'GET /mixed/z/x'],
  ['the other parameter', 'GET /mixed/y/z'],
  ['a group', 'GET /api'],
  ['a group and a slash', 'GET /api/', {}, ['strict-paths', s(200), s(404)]],
  ['a route of a group', 'GET /api/items'],
  ['a parameter of a group', 'GET /api/items/7'],
  ['no route of a group', 'GET /api/nowhere'],
  ['a group is a whole segment', 'GET /apiitems'],
  ['middleware of a group refuses', 'GET /guarded/door'],
  ['middleware of a group lets pass', 'GET /guarded/door', h({ 'X-Key': 'open' })],
  ['middleware of a group refuses what has no route', 'GET /guarded/nowhere'],
  ['middleware of a group lets pass to no route', 'GET /guarded/nowhere', h({ 'X-Key': 'open' })],
  ['a dot segment', 'GET /notes/../literal', {}, ['ambiguous-path', s(404), s(400)]],
  ['a dot segment at the end', 'GET /notes/..', {}, ['ambiguous-path', { status: 200, body: 'note ..' }, s(400)]],
  ['a single dot', 'GET /./literal', {}, ['ambiguous-path', s(404), s(400)]],
  ['an encoded dot segment', 'GET /notes/%2e%2e/literal', {}, ['ambiguous-path', s(404), s(400)]],
  ['two slashes', 'GET //literal', {}, ['ambiguous-path', s(404), s(400)]],
  ['two slashes inside', 'GET /notes//7', {}, ['ambiguous-path', s(404), s(400)]],
  ['a backslash', 'GET /notes\\7', {}, ['ambiguous-path', s(404), s(400)]],
  ['absolute-form', 'GET /literal', { raw: 'GET http://localhost/literal HTTP/1.1\r\nHost: localhost\r\n\r\n' }],
]));

describe('methods', () => compare([
  ['POST', 'POST /notes', { send: '' }],
  ['PUT', 'PUT /notes/7', { send: '' }],
  ['PATCH', 'PATCH /notes/7', { send: '' }],
  ['DELETE', 'DELETE /notes/7'],
  ['HEAD falls to GET', 'HEAD /literal'],
  ['HEAD of a parameter', 'HEAD /notes/7'],
  ['HEAD of JSON', 'HEAD /json', {}, ['json-charset', { 'content-type': 'application/json; charset=utf-8' }, { 'content-type': 'application/json' }]],
  ['HEAD of a stream', 'HEAD /stream', {}, ['head-framing', { status: 200, 'transfer-encoding': undefined }, { status: 200, 'transfer-encoding': 'chunked' }]],
  ['HEAD of no route', 'HEAD /nowhere'],
  ['HEAD where there is only POST', 'HEAD /notes', {}, ['allow-405', s(404), { status: 405, allow: 'POST, OPTIONS' }]],
  ['GET where there is only POST', 'GET /notes', {}, ['allow-405', s(404), { status: 405, allow: 'POST, OPTIONS' }]],
  ['POST where there is only GET', 'POST /literal', { send: '' }, ['allow-405', s(404), { status: 405, allow: 'GET, HEAD, OPTIONS' }]],
  ['DELETE where there is only GET', 'DELETE /literal', {}, ['allow-405', s(404), { status: 405, allow: 'GET, HEAD, OPTIONS' }]],
  ['PUT on a literal beside a parameter that has it', 'PUT /notes/new', { send: '' }, ['path-first', { status: 200, body: 'put new' }, { status: 405, allow: 'GET, HEAD, OPTIONS' }]],
  ['every method: GET', 'GET /any'],
  ['every method: HEAD', 'HEAD /any'],
  ['every method: POST', 'POST /any', { send: '' }],
  ['every method: PUT', 'PUT /any', { send: '' }],
  ['every method: PATCH', 'PATCH /any', { send: '' }],
  ['every method: DELETE', 'DELETE /any'],
  ['every method: OPTIONS', 'OPTIONS /any'],
  ['OPTIONS of one method', 'OPTIONS /literal', {}, ['options-204', { status: 200, allow: 'GET, HEAD', body: 'GET, HEAD' }, { status: 204, allow: 'GET, HEAD, OPTIONS', body: '' }]],
  ['OPTIONS of several', 'OPTIONS /notes/7', {}, ['options-204', { status: 200, allow: 'DELETE, GET, HEAD, PATCH, PUT' }, { status: 204, allow: 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS' }]],
  ['OPTIONS of POST only', 'OPTIONS /notes', {}, ['options-204', { status: 200, allow: 'POST' }, { status: 204, allow: 'POST, OPTIONS' }]],
  ['OPTIONS of no route', 'OPTIONS /nowhere'],
  ['OPTIONS of everything', 'OPTIONS *', { raw: 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n' }, ['options-204', s(404), { status: 204, allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' }]],
  ['a method that both know and no route has', 'PROPFIND /literal', {}, ['unknown-method', s(404), s(501)]],
  ['a method that nobody knows', 'BREW /literal', { raw: 'BREW /literal HTTP/1.1\r\nHost: localhost\r\n\r\n' }, ['unknown-method', s(400), s(501)]],
  ['TRACE', 'TRACE /literal', {}, ['unknown-method', s(404), s(405)]],
  ['a method in lower case', 'get /literal', { raw: 'get /literal HTTP/1.1\r\nHost: localhost\r\n\r\n' }, ['unknown-method', s(400), s(501)]],
]));

describe('queries', () => compare([
  ['a value', 'GET /query?q=milk'],
  ['none', 'GET /query'],
  ['another', 'GET /query?other=1'],
  ['an empty one', 'GET /query?q='],
  ['one without an equals sign', 'GET /query?q'],
  ['a plus is a space', 'GET /query?q=a+b'],
  ['an encoded space', 'GET /query?q=a%20b'],
  ['an encoded plus', 'GET /query?q=a%2Bb'],
  ['an encoded ampersand', 'GET /query?q=a%26b'],
  ['an equals sign in the value', 'GET /query?q=a=b'],
  ['UTF-8', 'GET /query?q=%C3%A4'],
  ['an encoded name', 'GET /query?%71=1'],
  ['among others', 'GET /query?a=1&q=2&b=3'],
  ['empty pairs', 'GET /query?&&q=1&'],
  ['a question mark in the value', 'GET /query?q=a?b'],
  ['a slash in the value', 'GET /query?q=a/b'],
  ['what browsers leave raw', 'GET /query?q=\\|^{}[]"'],
  ['the case of the name matters', 'GET /query?Q=1'],
  ['brackets in a name are part of it', 'GET /query?q[]=1'],
  ['a semicolon separates nothing', 'GET /query?a=1;q=2'],
  ['twice', 'GET /query?q=1&q=2', {}, ['query-once', { status: 200, body: 'q=1,2' }, s(400)]],
  ['not UTF-8', 'GET /query?q=%FF', {}, ['invalid-text', { status: 200, body: 'q=�' }, s(400)]],
  ['a NUL', 'GET /query?q=a%00b', {}, ['invalid-text', s(200), s(400)]],
  ['a percent sign without digits', 'GET /query?q=100%', {}, ['invalid-text', { status: 200, body: 'q=100%' }, s(400)]],
]));

describe('answers and headers', () => compare([
  ['JSON', 'GET /json', {}, ['json-charset', { 'content-type': 'application/json; charset=utf-8' }, { 'content-type': 'application/json' }]],
  ['HTML', 'GET /html'],
  ['text beyond ASCII', 'GET /utf8'],
  ['empty text', 'GET /empty'],
  ['204', 'GET /nothing'],
  ['202', 'GET /accepted'],
  ['an error of one\'s own', 'GET /gone'],
  ['418', 'GET /teapot'],
  ['a redirect', 'GET /redirect'],
  ['301', 'GET /redirect/301'],
  ['303', 'GET /redirect/303'],
  ['308 with a query', 'GET /redirect/308'],
  ['201 with Location', 'POST /notes', { send: '' }],
  ['headers of one\'s own', 'GET /headers'],
  ['a request header', 'GET /echo-header', h({ 'X-Echo': 'hello' })],
  ['a request header in another case', 'GET /echo-header', h({ 'x-ECHO': 'hello' })],
  ['no such header', 'GET /echo-header'],
  ['an empty header', 'GET /echo-header', h({ 'X-Echo': '' })],
  ['spaces around a value', 'GET /echo-header', { raw: 'GET /echo-header HTTP/1.1\r\nHost: localhost\r\nX-Echo: \t a  b \t\r\n\r\n' }],
  ['a header in two lines', 'GET /echo-header', { raw: 'GET /echo-header HTTP/1.1\r\nHost: localhost\r\nX-Echo: a\r\nX-Echo: b\r\n\r\n' }, ['first-line', { body: 'a, b' }, { body: 'a' }]],
  ['a value from the query', 'GET /injected?v=fine'],
  ['a line break in a value', 'GET /injected?v=a%0D%0ASet-Cookie:%20b=c'],
  ['a NUL in a value', 'GET /injected?v=a%01b'],
  ['an exception', 'GET /throws'],
  ['text', 'POST /echo', { headers: plain, send: 'hello' }],
  ['text with a charset', 'POST /echo', { headers: { 'Content-Type': 'text/plain; charset=utf-8' }, send: 'grüße' }],
  ['text/csv', 'POST /echo', { headers: { 'Content-Type': 'text/csv' }, send: 'a,b' }],
  ['no text', 'POST /echo', { headers: plain, send: '' }],
  ['as much as is allowed', 'POST /echo', { headers: plain, send: 'x'.repeat(64) }],
  ['more than is allowed', 'POST /echo', { headers: plain, send: 'x'.repeat(65) }],
  ['another type', 'POST /echo', { headers: { 'Content-Type': 'application/json' }, send: '{}' }, ['unsupported-type', { status: 200, body: '' }, s(415)]],
  ['a charset that nobody knows', 'POST /echo', { headers: { 'Content-Type': 'text/plain; charset=x-made-up' }, send: 'a' }],
  ['chunks', 'POST /echo', { raw: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n' }],
  ['a body that nothing reads', 'GET /literal', { headers: plain, send: 'ignored' }],
  ['the host', 'GET /host', { raw: 'GET /host HTTP/1.1\r\nHost: localhost:1234\r\n\r\n' }],
  ['no host', 'GET /host', { raw: 'GET /host HTTP/1.1\r\n\r\n' }],
  ['two hosts', 'GET /host', { raw: 'GET /host HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n' }, ['strict-head', { status: 200, body: 'a' }, s(400)]],
  ['a stream', 'GET /stream'],
  ['a stream in HTTP/1.0 ends with the connection', 'GET /stream', { raw: 'GET /stream HTTP/1.0\r\nHost: localhost\r\n\r\n' }],
  ['an entity-tag of one\'s own', 'GET /validated'],
  ['a condition on it', 'GET /validated', h({ 'If-None-Match': '"v1"' }), ['own-conditions', s(304), { status: 200, body: 'validated' }]],
  ['a folded header', 'GET /echo-header', { raw: 'GET /echo-header HTTP/1.1\r\nHost: localhost\r\nX-Echo: a\r\n b\r\n\r\n' }],
  ['a space before the colon', 'GET /echo-header', { raw: 'GET /echo-header HTTP/1.1\r\nHost: localhost\r\nX-Echo : a\r\n\r\n' }],
  ['a length and chunks', 'POST /echo', { raw: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' }],
]));

const range = (value, more = {}) => h({ Range: value, ...more });
describe('static files', () => compare([
  ['a file', 'GET /static/digits.txt'],
  ['HEAD', 'HEAD /static/digits.txt'],
  ['a query changes nothing', 'GET /static/digits.txt?v=1'],
  ['an empty file', 'GET /static/empty.txt'],
  ['a large file', 'GET /static/large.txt'],
  ['HTML', 'GET /static/docs/page.html'],
  ['a script', 'GET /static/app.js'],
  ['a style', 'GET /static/style.css'],
  ['JSON', 'GET /static/data.json'],
  ['a picture', 'GET /static/picture.png'],
  ['a drawing', 'GET /static/vector.svg'],
  ['a font', 'GET /static/font.woff2'],
  ['WebAssembly', 'GET /static/module.wasm'],
  ['no extension', 'GET /static/no-extension'],
  ['an encoded name', 'GET /static/a%20b.txt'],
  ['a name in UTF-8', 'GET /static/%C3%A4.txt'],
  ['missing', 'GET /static/nowhere.txt'],
  ['another case', 'GET /static/Digits.txt'],
  ['the index', 'GET /static/'],
  ['the index by its name', 'GET /static/index.html'],
  ['the mount without its slash', 'GET /static'],
  ['a folder without its slash', 'GET /static/docs'],
  ['a folder without its slash, with a query', 'GET /static/docs?a=b'],
  ['a folder', 'GET /static/docs/'],
  ['a folder without an index', 'GET /static/bare/'],
  ['the same without its slash', 'GET /static/bare', {}, ['folder-index', { status: 301, location: '/static/bare/' }, s(404)]],
  ['a file with a slash', 'GET /static/digits.txt/'],
  ['below a file', 'GET /static/digits.txt/x'],
  ['a dot file', 'GET /static/.hidden'],
  ['in a dot folder', 'GET /static/.git/config'],
  ['outside', 'GET /static/../secret', {}, ['ambiguous-path', s(404), s(400)]],
  ['outside, encoded', 'GET /static/%2e%2e/secret', {}, ['ambiguous-path', s(404), s(400)]],
  ['outside, the slash encoded', 'GET /static/..%2Fsecret', {}, ['ambiguous-path', s(404), s(400)]],
  ['a NUL', 'GET /static/digits.txt%00.html', {}, ['invalid-text', s(404), s(400)]],
  ['POST', 'POST /static/digits.txt', { send: '' }, ['allow-405', s(404), { status: 405, allow: 'GET, HEAD, OPTIONS' }]],
  ['DELETE', 'DELETE /static/digits.txt', {}, ['allow-405', s(404), { status: 405, allow: 'GET, HEAD, OPTIONS' }]],
  ['OPTIONS', 'OPTIONS /static/digits.txt', {}, ['options-204', s(404), { status: 204, allow: 'GET, HEAD, OPTIONS' }]],
  ['not modified since', 'GET /static/digits.txt', h({ 'If-Modified-Since': modified })],
  ['not modified since, HEAD', 'HEAD /static/digits.txt', h({ 'If-Modified-Since': modified })],
  ['modified since', 'GET /static/digits.txt', h({ 'If-Modified-Since': 'Sun, 06 Nov 1994 08:49:36 GMT' })],
  ['since no date', 'GET /static/digits.txt', h({ 'If-Modified-Since': 'yesterday' })],
  ['none matches', 'GET /static/digits.txt', h({ 'If-None-Match': '"x"' })],
  ['any matches', 'GET /static/digits.txt', h({ 'If-None-Match': '*' })],
  ['none matches, but not modified', 'GET /static/digits.txt', h({ 'If-None-Match': '"x"', 'If-Modified-Since': modified })],
  ['not modified, but asked for a fresh one', 'GET /static/digits.txt', h({ 'If-Modified-Since': modified, 'Cache-Control': 'no-cache' }), ['no-cache-request', { status: 200, body: '0123456789' }, s(304)]],
  ['unmodified since', 'GET /static/digits.txt', h({ 'If-Unmodified-Since': modified })],
  ['modified since, which it must not be', 'GET /static/digits.txt', h({ 'If-Unmodified-Since': 'Sun, 06 Nov 1994 08:49:36 GMT' })],
  ['any must match', 'GET /static/digits.txt', h({ 'If-Match': '*' })],
  ['another must match', 'GET /static/digits.txt', h({ 'If-Match': '"x"' })],
  ['a condition on what is missing', 'GET /static/nowhere.txt', h({ 'If-None-Match': '*' })],
  ['a range', 'GET /static/digits.txt', range('bytes=2-4')],
  ['one byte', 'GET /static/digits.txt', range('bytes=0-0')],
  ['from a position on', 'GET /static/digits.txt', range('bytes=5-')],
  ['the last bytes', 'GET /static/digits.txt', range('bytes=-3')],
  ['more than there is', 'GET /static/digits.txt', range('bytes=5-99')],
  ['more last bytes than there are', 'GET /static/digits.txt', range('bytes=-99'), ['long-suffix', { status: 416, 'content-range': 'bytes */10' }, { status: 206, 'content-range': 'bytes 0-9/10', body: '0123456789' }]],
  ['several ranges', 'GET /static/digits.txt', range('bytes=0-1,5-6')],
  ['ranges that touch', 'GET /static/digits.txt', range('bytes=0-1,2-3')],
  ['ranges that overlap', 'GET /static/digits.txt', range('bytes=0-4,2-6')],
  ['behind the end', 'GET /static/digits.txt', range('bytes=10-')],
  ['behind the end, with an end', 'GET /static/digits.txt', range('bytes=20-30')],
  ['no last bytes', 'GET /static/digits.txt', range('bytes=-0')],
  ['backwards', 'GET /static/digits.txt', range('bytes=4-2'), ['invalid-range', s(416), { status: 200, body: '0123456789' }]],
  ['another unit', 'GET /static/digits.txt', range('pages=1-2')],
  ['no numbers', 'GET /static/digits.txt', range('bytes=a-b')],
  ['nothing', 'GET /static/digits.txt', range('bytes=')],
  ['a range of an empty file', 'GET /static/empty.txt', range('bytes=0-1')],
  ['a range of a large file', 'GET /static/large.txt', range('bytes=100000-299998')],
  ['a range of what is not modified', 'GET /static/digits.txt', range('bytes=2-4', { 'If-Modified-Since': modified })],
  ['a range if it is of this date', 'GET /static/digits.txt', range('bytes=2-4', { 'If-Range': modified })],
  ['a range if it is of a later date', 'GET /static/digits.txt', range('bytes=2-4', { 'If-Range': 'Sun, 06 Nov 1994 08:49:38 GMT' }), ['if-range', { status: 206, body: '234' }, { status: 200, body: '0123456789' }]],
  ['a range if it is of an earlier date', 'GET /static/digits.txt', range('bytes=2-4', { 'If-Range': 'Sun, 06 Nov 1994 08:49:36 GMT' })],
  ['a range if it has another entity-tag', 'GET /static/digits.txt', range('bytes=2-4', { 'If-Range': '"x"' })],
  ['a range of HEAD', 'HEAD /static/digits.txt', range('bytes=2-4'), ['range-of-head', { status: 206, 'content-range': 'bytes 2-4/10' }, { status: 200, 'content-length': '10' }]],
]));

const accepting = (value, more = {}) => ({ coded: true, headers: { 'Accept-Encoding': value, ...more } });
const browser = 'gzip, deflate, br, zstd';
describe('compression', () => compare([
  ['what a browser sends', 'GET /compressed/text', accepting(browser)],
  ['gzip only', 'GET /compressed/text', accepting('gzip')],
  ['brotli only', 'GET /compressed/text', accepting('br')],
  ['by quality', 'GET /compressed/text', accepting('br;q=0.9, gzip')],
  ['the same quality', 'GET /compressed/text', accepting('gzip;q=0.5, br;q=0.5')],
  ['rather not', 'GET /compressed/text', accepting('gzip;q=0.5, identity')],
  ['excluded', 'GET /compressed/text', accepting('gzip;q=0, br;q=0')],
  ['nothing that we have', 'GET /compressed/text', accepting('zstd')],
  ['nothing', 'GET /compressed/text', accepting('')],
  ['the field is missing', 'GET /compressed/text', { coded: true }],
  ['deflate only', 'GET /compressed/text', accepting('deflate'), ['no-deflate', { 'content-encoding': 'deflate' }, { 'content-encoding': undefined, status: 200 }]],
  ['JSON', 'GET /compressed/json', accepting(browser), ['json-charset', { 'content-encoding': 'br', 'content-type': 'application/json; charset=utf-8' }, { 'content-encoding': 'br', 'content-type': 'application/json' }]],
  ['what is small', 'GET /compressed/small', accepting(browser)],
  ['a picture', 'GET /compressed/picture', accepting(browser)],
  ['no-transform', 'GET /compressed/no-transform', accepting(browser)],
  ['what is encoded', 'GET /compressed/encoded', accepting(browser), ['own-coding', { vary: 'Accept-Encoding' }, { vary: '' }]],
  ['204', 'GET /compressed/nothing', accepting(browser)],
  ['what varies already', 'GET /compressed/varies', accepting(browser)],
  ['a stream', 'GET /compressed/stream', accepting(browser)],
  ['a stream, gzip', 'GET /compressed/stream', accepting('gzip')],
  ['a request with a cookie', 'GET /compressed/text', accepting(browser, { Cookie: 'sid=1' }), ['no-secrets', { 'content-encoding': 'br' }, { 'content-encoding': undefined, status: 200 }]],
  ['a request with a token', 'GET /compressed/text', accepting(browser, { Authorization: 'Bearer x' }), ['no-secrets', { 'content-encoding': 'br' }, { 'content-encoding': undefined, status: 200 }]],
  ['what sets a cookie', 'GET /compressed/cookie', accepting(browser), ['no-secrets', { 'content-encoding': 'br' }, { 'content-encoding': undefined, status: 200 }]],
  ['an entity-tag', 'GET /compressed/tagged', accepting(browser), ['weak-etag', { etag: '"v1"' }, { etag: 'W/"v1"' }]],
  ['HEAD', 'HEAD /compressed/text', accepting(browser), ['head-coding', { 'content-encoding': undefined, 'content-length': '6000' }, { 'content-encoding': 'br', 'content-length': undefined }]],
]));

describe('error handlers', () => compare([
  ['an exception of one\'s own', 'GET /taken'],
  ['one that comes later', 'GET /taken/later'],
  ['another exception is left to the framework', 'GET /throws'],
  ['no route, with words of one\'s own', 'GET /shop/milk'],
  ['no route elsewhere', 'GET /elsewhere'],
  ['more than is allowed, with words of one\'s own', 'POST /echo', { headers: plain, send: 'x'.repeat(65) }],
]));

test('every reason has its row', () => assert.deepEqual([...used].sort(), Object.keys(reasons).sort()));
