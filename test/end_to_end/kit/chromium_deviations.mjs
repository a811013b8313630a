// Where Chromium 156 differs from the standards, as seen by browser_matrix.slow.test.mjs. `why` stands in docs/deviations.md, too.
// `apply` changes an expectation to what Chromium does, and returns whether it did.
const host = (url) => (url === 'null' ? url : new URL(url).hostname);
const origin = (url) => (url === 'null' ? url : new URL(url).origin);
const is_address = (name) => /^[\d.]+$/.test(name);

/// Calls `change(one, sent, i)` for each request.
const each = (expected, said, change) => expected.asked.reduce((changed, one, i) => change(one, said.sent[i], i) || changed, false);

/// The requests of each hop of redirects.
function hopsOf(said) {
  const hops = [];
  said.sent.forEach((one, i) => {
    if (hops.length === 0 || said.sent[i - 1].preflight === false) hops.push({ url: one.url, preflighted: one.preflight, requests: [] });
    hops.at(-1).requests.push(i);
  });
  return hops;
}

function siteOf(page, urls) {
  let site = 'same-origin';
  for (const url of urls) {
    if (origin(url) === page) continue;
    if (host(url) !== host(page)) return 'cross-site';
    site = 'same-site';
  }
  return site;
}

const failed = (c, expected, count) => {
  Object.assign(expected, { type: 'error', status: 0, headers: [], redirected: false, asked: expected.asked.slice(0, count) });
  delete expected.timing;
  return true;
};

/// The first answer to a request that is no preflight for which `test(answer, hop)` holds: its hop.
const findAnswer = (c, said, test) => hopsOf(said).find((hop, i) => hop.requests.some((at) => !said.sent[at].preflight) && test(c.answers[i].answer, hop));
const location = (answer) => answer.headers.find(([name]) => name === 'Location')?.[1];
const is_redirect = (answer) => [301, 302, 303, 307, 308].includes(answer.status);
const resourcePolicy = (answer) => answer.headers.find(([name]) => name === 'Cross-Origin-Resource-Policy')?.[1];

const hasWildcard = (answer) => answer.headers.some(([name, value]) => /^access-control-allow-headers$/i.test(name) && value.split(',').some((one) => one.trim() === '*'));

export const deviations = {
  'third-party-cookies': {
    why: 'cookies of another site than the page\'s are not sent, whatever the credentials mode',
    apply: (c, expected, said) => each(expected, said, (one, sent) => {
      if (!one.cookie || host(sent.url) === host(c.page)) return false;
      one.cookie = false;
      return true;
    }),
  },
  'no-cors-credentials': {
    why: 'in mode no-cors, credentials mode same-origin is decided by the first URL and kept after redirects to others',
    apply: (c, expected, said) => c.mode === 'no-cors' && c.credentials === 'same-origin' && each(expected, said, (one, sent) => {
      if (one.cookie || origin(said.sent[0].url) !== c.page || host(sent.url) !== host(c.page)) return false;
      one.cookie = true;
      return true;
    }),
  },
  'no-cors-origin-after-redirect': {
    why: 'in mode no-cors, Origin becomes null at the first redirect to another origin, not only at one between two others',
    apply: (c, expected, said) => c.mode === 'no-cors' && each(expected, said, (one, sent, i) => {
      const moved = said.sent.slice(1, i + 1).some((later, at) => origin(later.url) !== origin(said.sent[at].url));
      if (one.origin === undefined || one.origin === 'null' || !moved) return false;
      one.origin = 'null';
      return true;
    }),
  },
  'no-cors-origin-of-sandboxed-pages': {
    why: 'a sandboxed page sends Origin: null in mode no-cors also with GET and HEAD, if credentials are included and the URL is of the site that embeds it',
    apply: (c, expected, said) => c.mode === 'no-cors' && c.page === 'null' && c.credentials === 'include' && host(c.url) === host(c.embedder) && each(expected, said, (one, sent) => {
      if (one.origin !== undefined || host(sent.url) !== host(c.embedder)) return false;
      one.origin = 'null';
      return true;
    }),
  },
  'fetch-site-after-redirect': {
    why: 'Sec-Fetch-Site forgets the redirects before a hop with a preflight, or one that made the method GET: it can say same-origin where Origin is null',
    apply: (c, expected, said) => {
      if (c.websocket) return false;
      const hops = hopsOf(said);
      let start = 0;
      let changed = false;
      hops.forEach((hop, i) => {
        const becomes_cors = i > 0 && c.mode === 'cors' && origin(hop.url) !== c.page && hops.slice(0, i).every((h) => origin(h.url) === c.page);
        const method = (h) => said.sent[h.requests.at(-1)].method;
        const becomes_get = i > 0 && c.mode === 'cors' && !hop.preflighted && method(hop) !== method(hops[i - 1]);
        if (i > 0 && (hop.preflighted || becomes_get || becomes_cors)) start = i;
        const site = siteOf(c.page, hops.slice(start, i + 1).map((h) => h.url));
        for (const at of hop.requests) {
          if (expected.asked[at]['sec-fetch-site'] === site) continue;
          expected.asked[at]['sec-fetch-site'] = site;
          changed = true;
        }
      });
      return changed;
    },
  },
  'websocket-without-fetch-metadata': {
    why: 'a WebSocket handshake has no Sec-Fetch fields',
    apply: (c, expected, said) => c.websocket === true && each(expected, said, (one) => {
      for (const name of ['sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest']) delete one[name];
      return true;
    }),
  },
  'redirect-needs-location': {
    why: 'a redirect without Location is an answer as any other in redirect mode error, too',
    apply: (c, expected, said) => {
      if (said.why !== 'redirect-refused') return false;
      const hop = hopsOf(said).at(-1);
      const { answer } = c.answers[0];
      if (location(answer) !== undefined) return false;
      // What is then readable is not the model's to say: only the kind is compared.
      Object.assign(expected, { type: origin(hop.url) === c.page ? 'basic' : 'cors', status: answer.status });
      for (const name of ['headers', 'redirected', 'timing']) expected[name] = 'any';
      return true;
    },
  },
  'invalid-location-fails-early': {
    why: 'a Location that is no URL is an error in redirect mode manual, too',
    apply: (c, expected, said) => said.why === 'opaque-redirect' && ['http://', 'http://[/'].includes(location(c.answers[0].answer)) && failed(c, expected, expected.asked.length),
  },
  'redirect-with-userinfo': {
    why: 'no redirect to a URL with a user name is followed, in no mode and not to the page\'s own origin either',
    apply: (c, expected, said) => {
      if (c.websocket || c.redirect !== 'follow' || said.why === 'redirect-with-userinfo') return false;
      const hop = findAnswer(c, said, (answer) => is_redirect(answer) && /^http:\/\/[^/]*@/.test(location(answer) ?? ''));
      return hop !== undefined && failed(c, expected, hop.requests.at(-1) + 1);
    },
  },
  'resource-policy-of-addresses': {
    why: 'Cross-Origin-Resource-Policy: same-site does not hold between two ports of an IP address (it does for localhost)',
    apply: (c, expected, said) => {
      if (c.websocket || c.mode !== 'no-cors') return false;
      let opaque = false;
      const hop = findAnswer(c, said, (answer, { url }) => {
        opaque ||= origin(url) !== c.page;
        return opaque && resourcePolicy(answer) === 'same-site' && is_address(host(url)) && host(url) === host(c.page) && origin(url) !== c.page;
      });
      return hop !== undefined && failed(c, expected, hop.requests.at(-1) + 1);
    },
  },
};

/// Cases whose outcome is left out, since Chromium goes another way on from there than the model.
export const skipped = {
  'authorization-covered-by-wildcard': {
    why: 'Access-Control-Allow-Headers: * covers Authorization, too',
    applies: (c, said) => said.why === 'authorization-not-allowed' && said.steps.length > 0 && c.credentials !== 'include' && hasWildcard(c.answers[hopsOf(said).length - 1].preflight),
  },
  'resource-policy-of-opaque-pages': {
    why: 'a page of opaque origin gets what localhost sends with Cross-Origin-Resource-Policy: same-site',
    applies: (c, said) => c.page === 'null' && said.why === 'resource-policy' && c.answers.some(({ answer }) => resourcePolicy(answer) === 'same-site'),
  },
};
