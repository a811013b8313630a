// A seeded generator of what pages ask and servers answer. Most of each answer is right, so that a case gets far enough to
// fail at one place only, and all places have their turn.

/// mulberry32: the same cases from the same seed, everywhere.
export function randomOf(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  return { next, below, chance: (p) => next() < p, pick: (all) => all[below(all.length)] };
}

const statuses = [200, 200, 200, 200, 200, 201, 204, 206, 304, 400, 401, 403, 404, 405, 413, 429, 500, 502, 503];
const redirects = [301, 302, 303, 307, 308];
const methods = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get', 'post', 'put', 'delete', 'options', 'patch', 'Patch', 'QUERY', 'X-custom'];
const hopeless_methods = ['TRACE', 'connect', 'TRACK', 'A B', ''];

const safe_headers = [
  ['Accept', 'application/json'], ['accept', 'text/*;q=0.5'], ['Accept-Language', 'de-AT, en;q=0.5'], ['content-language', 'en'],
  ['Content-Type', 'text/plain'], ['Content-Type', 'Text/Plain; charset=utf-8'], ['content-type', 'application/x-www-form-urlencoded'],
  ['Content-Type', 'multipart/form-data; boundary=x'], ['Range', 'bytes=0-99'], ['range', 'bytes=100-'], ['Accept', 'a'.repeat(128)],
  ['Accept', ' x\t'], ['Accept-Language', ''], ['Content-Type', ' text/plain '],
];
const unsafe_headers = [
  ['Authorization', 'Bearer x'], ['authorization', 'Bearer x'], ['Content-Type', 'application/json'], ['content-type', 'text/html'],
  ['X-Requested-With', 'fetch'], ['x-csrf-token', '1'], ['If-None-Match', '"1"'], ['traceparent', '00-1'], ['X-A', '1'], ['x-B', '2'],
  ['Accept', 'a"b'], ['Accept', 'a'.repeat(129)], ['Accept-Language', 'en_US'], ['Content-Language', 'de(AT)'], ['Range', 'bytes=-5'],
  ['Range', 'bytes=9-3'], ['Range', 'bytes= 0-3'], ['Range', 'bytes=0-1,3-4'], ['Content-Type', 'text/plain; a="b"'], ['Content-Type', 'text'],
  ['Content-Type', ''], ['Content-Type', 'text/plain, text/plain'], ['Cache-Control', 'no-cache'], ['Accept', '(x)'], ['Save-Date', 'on'],
];
const dropped_headers = [
  ['Cookie', 'a=b'], ['Host', 'evil.example'], ['Sec-Fetch-Site', 'none'], ['Proxy-Authorization', 'x'], ['Origin', 'http://evil.example'],
  ['Access-Control-Request-Method', 'PUT'], ['X-HTTP-Method-Override', 'TRACE'], ['X-Method-Override', 'GET, connect'], ['DNT', '1'],
  ['Date', 'now'], ['Accept-Encoding', 'x'], ['Content-Length', '5'], ['Connection', 'close'], ['TE', 'trailers'], ['Via', 'x'], ['Upgrade', 'x'],
];
const kept_headers = [['X-HTTP-Method-Override', 'PUT'], ['Security', '1'], ['Proxyx', '1'], ['X-HTTP-Method', 'TRACER']];
const invalid_headers = [['X A', '1'], ['X-A', 'a\0b'], ['', 'x'], ['X-Ä', '1']];

const no_credentials = (c) => c.credentials !== 'include';

class Generator {
  constructor(seed, origins) {
    this.random = randomOf(seed);
    this.origins = origins;
  }

  headers(c) {
    const { random } = this;
    const out = [];
    const add = (all) => {
      const one = random.pick(all);
      if (!out.some(([name]) => name.toLowerCase() === one[0].toLowerCase())) out.push(one);
    };
    if (random.chance(0.3)) add(safe_headers);
    if (random.chance(0.1)) add(safe_headers);
    if (random.chance(0.35)) add(unsafe_headers);
    if (random.chance(0.15)) add(unsafe_headers);
    if (random.chance(0.05)) add(dropped_headers);
    if (random.chance(0.05)) add(kept_headers);
    if (random.chance(0.01)) add(invalid_headers);
    return out;
  }

  /// Access-Control-Allow-Origin and -Credentials, as fields; `asks` is the Origin that is sent.
  allowOrigin(c, asks) {
    const { random } = this;
    const right = c.credentials === 'include' || random.chance(0.6) ? asks : '*';
    const other = random.pick(this.origins);
    const wrong = () => random.pick([
      [], [], [['Access-Control-Allow-Origin', other]], [['Access-Control-Allow-Origin', `${asks}/`]],
      [['access-control-allow-origin', asks.toUpperCase()]], [['Access-Control-Allow-Origin', `${asks}, ${other}`]],
      [['Access-Control-Allow-Origin', asks], ['Access-Control-Allow-Origin', asks]], [['Access-Control-Allow-Origin', 'null']],
      [['Access-Control-Allow-Origin', '']], [['Access-Control-Allow-Origin', '*']], [['Access-Control-Allow-Origin', '*'], ['Access-Control-Allow-Origin', '*']],
      [['Access-Control-Allow-Origin', `${asks} ${other}`]], [['Access-Control-Allow-Origin', 'http://*']], [['Access-Control-Allow-Origin', `  ${asks}\t`]],
      [['Access-Control-Allow-Origin', asks.replace(/:\d+$/, '')]], [['Access-Control-Allow-Origin', asks.replace('http:', 'https:')]],
    ]);
    const out = random.chance(0.82) ? [['Access-Control-Allow-Origin', right]] : wrong();
    const credentials = (no_credentials(c) ? random.chance(0.2) : random.chance(0.85)) ? 'true' : random.pick([undefined, 'True', 'false', 'TRUE', '', 'true, true', '1']);
    if (credentials !== undefined && (!no_credentials(c) || random.chance(0.3))) out.push(['Access-Control-Allow-Credentials', credentials]);
    return out;
  }

  preflight(c, asks) {
    const { random } = this;
    const headers = this.allowOrigin(c, asks);
    const sent = c.method.match(/^(delete|get|head|options|post|put)$/i) ? c.method.toUpperCase() : c.method;
    const allowed = random.chance(0.85)
      ? random.pick([sent, `GET, ${sent}`, `${sent},DELETE`, `, ,${sent} ,`, no_credentials(c) ? '*' : sent, no_credentials(c) ? `*, ${sent}` : `PUT,PATCH, ${sent}`])
      : random.pick([undefined, '', '*', sent.toLowerCase(), sent.toUpperCase(), 'PUT', 'GET, POST', `GET ${sent}`, `"${sent}"`, `${sent};`, 'PUT, PATCH, DELETE']);
    if (allowed !== undefined) headers.push(['Access-Control-Allow-Methods', allowed]);
    if (random.chance(0.05)) headers.push(['access-control-allow-methods', random.pick(['HEAD', sent, 'a b'])]);
    const names = [...new Set(c.headers.map(([name]) => name))].filter((name) => name !== '');
    const list = random.chance(0.85)
      ? random.pick([names.join(', '), names.join(',').toUpperCase(), ['x-other', ...names, 'x-more'].join(' , '), no_credentials(c) ? ['*', 'authorization'].join(', ') : names.join()])
      : random.pick([undefined, '*', '', names.slice(1).join(), 'x-other', names.join(' '), 'authorization', '*,"x"', 'content-type, x-a, x-b']);
    if (list !== undefined && (list !== '' || random.chance(0.3))) headers.push(['Access-Control-Allow-Headers', list]);
    if (random.chance(0.2)) headers.push(['Access-Control-Max-Age', random.pick(['600', '0', '-1', 'x', '99999999999999999999'])]);
    const status = random.chance(0.9) ? random.pick([204, 204, 200, 299]) : random.pick([301, 302, 307, 304, 400, 401, 403, 404, 405, 429, 500, 502]);
    if (status >= 301 && status <= 308) headers.push(['Location', `${random.pick(this.origins)}/c/${c.id}/0`]);
    return { status, headers: withLength(status, headers) };
  }

  answer(c, asks, status) {
    const { random } = this;
    const headers = this.allowOrigin(c, asks);
    const exposed = random.pick([undefined, undefined, undefined, 'X-One', 'x-one, ETag', 'X-ONE,,x-many', '*', '*', '*, x-one', 'x one', 'set-cookie, x-one', 'x-one;', '']);
    if (exposed !== undefined) headers.push(['Access-Control-Expose-Headers', exposed]);
    if (random.chance(0.05)) headers.push(['Access-Control-Expose-Headers', random.pick(['x-two', '*', '"'])]);
    const timing = random.pick([undefined, undefined, '*', asks, `${random.pick(this.origins)} , ${asks}`, random.pick(this.origins), 'null', `${asks}/`]);
    if (timing !== undefined) headers.push(['Timing-Allow-Origin', timing]);
    if (random.chance(0.3)) headers.push(['Cross-Origin-Resource-Policy', random.pick(['same-origin', 'same-site', 'cross-origin', 'nonsense', 'same-origin, same-origin'])]);
    const more = [
      ['Content-Type', 'text/plain'], ['Cache-Control', 'no-store'], ['Content-Language', 'en'], ['Expires', '0'], ['Last-Modified', 'Sun, 06 Nov 1994 08:49:37 GMT'],
      ['Pragma', 'x'], ['X-One', '1'], ['x-two', '2'], ['ETag', '"1"'], ['X-Many', 'a'], ['x-many', 'b'], ['Set-Cookie', 'other=1; Path=/none'], ['Retry-After', '1'],
      ['RateLimit', 'x'], ['Vary', 'Origin'], ['WWW-Authenticate', 'Bearer'], ['X-Request-Id', '1'],
    ];
    for (const field of more) if (random.chance(0.3)) headers.push(field);
    return { status, headers: withLength(status, headers, 'body'), body: 'body' };
  }

  /// `base`: what is already decided.
  one(id) {
    const { random, origins } = this;
    const page = random.pick([...origins, ...origins, 'null']);
    const c = { id: String(id), page, embedder: origins[0], credentials: random.pick(['same-origin', 'include', 'omit', 'include']) };
    c.mode = random.chance(0.85) ? 'cors' : random.pick(['no-cors', 'no-cors', 'same-origin']);
    c.method = random.chance(0.99) ? random.pick(methods) : random.pick(hopeless_methods);
    if (c.mode === 'no-cors' && random.chance(0.9)) c.method = random.pick(['GET', 'POST', 'HEAD', 'post']);
    c.headers = this.headers(c);
    c.redirect = random.chance(0.9) ? 'follow' : random.pick(['error', 'manual']);
    const takes_body = !/^(get|head)$/i.test(c.method);
    c.body = (takes_body ? random.chance(0.4) : random.chance(0.01)) ? 'content' : null;
    this.hops(c);
    return c;
  }

  hops(c) {
    const { random, origins } = this;
    const count = random.chance(0.72) ? 1 : 2 + random.below(3);
    const path = [];
    for (let i = 0; i < count; i++) {
      path.push(random.chance(0.4) && c.page !== 'null' ? c.page : random.chance(0.3) && i > 0 ? path[i - 1] : random.pick(origins));
    }
    c.url = `${path[0]}/c/${c.id}/0`;
    let tainted = false;
    c.answers = path.map((origin, i) => {
      if (i > 0 && origin !== path[i - 1] && path[i - 1] !== c.page) tainted = true;
      const asks = tainted ? 'null' : c.page;
      const last = i === count - 1;
      const answer = this.answer(c, asks, last ? random.chance(0.02) ? 0 : random.pick(statuses) : random.pick(redirects));
      if (!last) {
        const next = `${path[i + 1]}/c/${c.id}/${i + 1}`;
        const where = random.chance(0.93) ? next : random.pick([
          next.replace('://', '://user:secret@'), next.replace('://', '://user@'), `data:text/plain,x`, 'http://', undefined, `${next}#fragment`, `//${next.split('//')[1]}`,
          `/c/${c.id}/${i + 1}`, `../${c.id}/./${i + 1}`, `http://[/`, ` ${next} `,
        ]);
        if (where !== undefined) answer.headers.push(['Location', where]);
      } else if (random.chance(0.02)) {
        Object.assign(answer, this.answer(c, asks, random.pick(redirects)));  // without Location
      }
      return { preflight: this.preflight(c, asks), answer };
    });
  }

  socket(id) {
    const { random, origins } = this;
    const c = { id: String(id), websocket: true, page: random.pick([...origins, ...origins, 'null']), protocols: random.pick([[], [], ['a'], ['a', 'b']]) };
    c.url = `${random.pick(origins).replace('http', random.pick(['ws', 'http']))}/c/${c.id}/0`;
    const headers = [['Upgrade', 'websocket'], ['Connection', 'Upgrade'], ['Sec-WebSocket-Accept', '<accept>']].filter(() => random.chance(0.96));
    const chosen = c.protocols.length > 0 ? random.pick(['a', 'a', 'a', 'b', 'c', undefined]) : random.pick([undefined, undefined, undefined, 'a']);
    if (chosen) headers.push(['Sec-WebSocket-Protocol', chosen]);
    const status = random.chance(0.8) ? 101 : random.pick([200, 301, 302, 400, 401, 403, 404, 426, 429, 502]);
    if (status > 300 && status < 303) headers.push(['Location', `${random.pick(origins)}/c/${c.id}/0`]);
    if (status !== 101) headers.push(['Content-Length', '0']);
    c.answers = [{ answer: { status, headers } }];
    return c;
  }
}

function withLength(status, headers, body = '') {
  if (![204, 304].includes(status) && status >= 200) headers.push(['Content-Length', String(status === 205 ? 0 : body.length)]);
  return headers;
}

export function casesOf(seed, count, origins) {
  const generator = new Generator(seed, origins);
  return Array.from({ length: count }, (_, i) => (i % 25 === 24 ? generator.socket(i) : generator.one(i)));
}
