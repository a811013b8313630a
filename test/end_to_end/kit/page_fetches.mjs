// What runs in the pages of browser_*.slow.test.mjs.
/* global document, performance, WebSocket */
export async function runInPage(cases) {
  performance.setResourceTimingBufferSize(100_000);
  async function get(c) {
    try {
      const init = { method: c.method, headers: c.headers, credentials: c.credentials, mode: c.mode, redirect: c.redirect };
      if (c.body !== null) init.body = c.body;
      const r = await fetch(c.url, init);
      await r.text().catch(() => {});
      return { type: r.type, status: r.status, headers: [...r.headers], redirected: r.redirected };
    } catch {
      return { type: 'error', status: 0, headers: [], redirected: false };
    }
  }
  const socket = (c) => new Promise((resolve) => {
    const s = new WebSocket(c.url, c.protocols);
    s.onopen = () => {
      resolve({ open: true });
      s.close();
    };
    s.onclose = () => resolve({ open: false });
  });
  const results = {};
  const waiting = [...cases];
  const work = async () => {
    for (let c = waiting.shift(); c; c = waiting.shift()) results[c.id] = await (c.websocket ? socket(c) : get(c));
  };
  await Promise.all(Array.from({ length: 12 }, work));
  await new Promise((resolve) => { setTimeout(resolve, 0); });
  for (const c of cases) {
    const entry = performance.getEntriesByName(c.url).at(-1);
    if (entry) results[c.id].timing = entry.requestStart > 0;
  }
  return results;
}

/// A page of each origin, and a sandboxed frame ("null") in one of the first.
export async function openPages(browser, origins, path = '/') {
  const pages = new Map();
  for (const origin of origins) {
    const page = await browser.newPage();
    await page.goto(`${origin}${path}`);
    pages.set(origin, page);
  }
  const page = await browser.newPage();
  await page.goto(origins[0]);
  await page.evaluate(() => {
    const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.srcdoc = '<!doctype html>';
    document.body.append(frame);
    return new Promise((resolve) => { frame.onload = resolve; });
  });
  pages.set('null', page.frames().find((frame) => frame !== page.mainFrame()));
  return pages;
}

export async function runAll(pages, cases) {
  const all = await Promise.all([...pages].map(([origin, page]) => page.evaluate(runInPage, cases.filter((c) => c.page === origin))));
  return Object.assign({}, ...all);
}
