// A gateway whose configuration changes while it runs.
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from './deadline.mjs';
import { sanitized, startGatehouse } from './gatehouse.mjs';
import { RawClient } from './raw_client.mjs';
import { RecordingUpstream } from './recording_upstream.mjs';

const page = 'https://page.example';
const get = `GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: ${page}\r\n\r\n`;

/// An upstream that says `text` to everything.
export const answering = (t, text) => RecordingUpstream.start(t, (_, socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`));
/// The configuration that leads to it.
export const to = (upstream, more = '') => `upstream = "${upstream.url}"\n${more}\n`;
export const said = (gatehouse, event) => gatehouse.records().filter((r) => r.event === event);
export const times = (gatehouse, event, count) => until(() => said(gatehouse, event).length >= count, `${count} times ${event}`);

/// The gateway with `config`; its `write(text)` changes that as editors and deployments do: whole, or not at all.
export async function start(t, config) {
  const gatehouse = await startGatehouse(t, { config });
  gatehouse.file = join(gatehouse.folder, 'gatehouse.toml');
  gatehouse.write = (text) => {
    writeFileSync(`${gatehouse.file}.new`, text);
    renameSync(`${gatehouse.file}.new`, gatehouse.file);
  };
  return gatehouse;
}

/// How many of the connections ask at the same time: memory is judged, and that depends on what is under way.
const at_once = 100;

/// A hundred reloads, every tenth of a wrong configuration, while `connections` clients ask in turn.
export async function reload_under_load(t, { connections }) {
  const [a, b] = await Promise.all([answering(t, 'a'), answering(t, 'b')]);
  // What an answer's upstream and its header say must belong together.
  const config = {
    a: to(a, `[headers]\nx_frame_options = "DENY"\n[cors]\norigins = ["${page}"]\ncredentials = true\nexpose_headers = ["x-a"]`),
    b: to(b, '[headers]\nx_frame_options = "SAMEORIGIN"\n[cors]\norigins = ["*"]\nexpose_headers = ["x-b"]\ntiming = true'),
  };
  const belongs = {
    a: ['DENY', page, 'true', 'x-a', undefined, 'Origin', 'same-site'],
    b: ['SAMEORIGIN', '*', undefined, 'x-b', '*', undefined, 'same-origin'],
  };
  const told = ['x-frame-options', 'access-control-allow-origin', 'access-control-allow-credentials', 'access-control-expose-headers',
    'timing-allow-origin', 'vary', 'cross-origin-resource-policy'];
  const gatehouse = await start(t, config.a);
  const clients = await Promise.all(Array.from({ length: connections }, () => RawClient.connect(t, gatehouse.port)));
  let stop = false;
  const answered = new Array(connections).fill(0);
  const waiting = [...clients.keys()];  // whose turn it is, first to last
  const running = Array.from({ length: at_once }, async () => {
    while (!stop) {
      const i = waiting.shift();
      const answer = await clients[i].send(get).response({ milliseconds: 60_000 });
      assert.ok(answer, 'a connection was dropped');
      assert.equal(answer.status, 200);
      assert.deepEqual(told.map((name) => answer.get(name)), belongs[answer.text]);
      answered[i]++;
      waiting.push(i);
      await pause(1);
    }
  });
  // Counted in the text: parsing all lines again and again would take longer than the reloads.
  const judged = () => gatehouse.output.match(/"event":"(reloaded|reload-failed)"/g)?.length ?? 0;
  const reload = async (i) => {
    const before = judged();
    gatehouse.write(i % 10 === 5 ? 'upstream = "wrong"\n' : config[i % 2 ? 'b' : 'a']);
    gatehouse.signal('SIGHUP');
    await until(() => judged() > before, 'a reload', 60_000);
  };
  const each_once_more = () => {
    const then = [...answered];
    return until(() => answered.every((count, i) => count > then[i]), 'one more answer for each', 120_000);
  };
  const all_of_them = (async () => {
    await each_once_more();
    for (let i = 0; i < 20; i++) await reload(i);
    const warm = gatehouse.residentKiB();
    for (let i = 20; i < 100; i++) await reload(i);
    await each_once_more();
    return gatehouse.residentKiB() - warm;
  })();
  const more = await Promise.race([all_of_them, Promise.all(running)]);  // who is dropped ends it at once
  stop = true;
  await Promise.all(running);
  const sum = answered.reduce((sum, count) => sum + count, 0);
  t.diagnostic(`${sum} answers on ${connections} connections`);
  assert.ok(sum > 10 * at_once, `${sum} answers`);
  if (sanitized) return t.diagnostic('memory is not judged: a sanitizer keeps what was freed');
  assert.ok(more < 4 * 1024, `${more} KiB more`);
}
