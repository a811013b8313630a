// Node's own HTTP client, with the response as it came: raw fields in order, undecoded content.
import http from 'node:http';
import { within } from './deadline.mjs';

class Received {
  constructor(message, body) {
    this.status = message.statusCode;
    this.phrase = message.statusMessage;
    this.fields = [];
    for (let i = 0; i < message.rawHeaders.length; i += 2) this.fields.push(message.rawHeaders.slice(i, i + 2));
    this.body = body;
  }
  all(name) { return this.fields.filter(([n]) => n.toLowerCase() === name.toLowerCase()).map(([, value]) => value); }
  get(name) { return this.all(name)[0]; }
  json() { return JSON.parse(this.body.toString()); }
}

/// `body`: text, a Buffer, or a readable stream (sent chunked). `onContinue`: sends `Expect: 100-continue` first.
export function request(base, { method = 'GET', path = '/', headers = {}, body, agent, localAddress, onContinue } = {}) {
  const { hostname, port } = new URL(base);
  return within(new Promise((resolve, reject) => {
    const outgoing = http.request({ hostname, port, method, path, headers, agent, localAddress });
    outgoing.on('error', reject);
    outgoing.on('response', async (message) => {
      try {
        const pieces = [];
        for await (const piece of message) pieces.push(piece);
        resolve(Object.assign(new Received(message, Buffer.concat(pieces)), { reused: outgoing.reusedSocket }));
      } catch (e) {
        reject(e);
      }
    });
    const send = () => {
      if (body?.pipe) body.on('error', reject).pipe(outgoing);
      else outgoing.end(body);
    };
    if (onContinue) {
      outgoing.setHeader('Expect', '100-continue');
      outgoing.once('continue', () => {
        onContinue();
        send();
      });
      outgoing.flushHeaders();
    } else {
      send();
    }
  }), `${method} ${path}`, 60_000);
}
