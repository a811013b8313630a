// A service that counts every byte it gets, keeps every request, and answers with exactly the bytes that the test wants.
import net from 'node:net';
import tls from 'node:tls';
import { within } from './deadline.mjs';
import { Request, readMessage } from './http1.mjs';

export const plain_answer = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello';

class Connection {
  byteCount = 0;
  unfinished = Buffer.alloc(0);  // bytes that are no whole request (yet)
  requests = [];                 // whole ones
  closed = false;

  constructor(upstream, socket) {
    this.upstream = upstream;
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.byteCount += bytes.length;
      this.unfinished = Buffer.concat([this.unfinished, bytes]);
      this.#readRequests();
      upstream.changed();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      upstream.changed();
    });
  }

  #readRequests() {
    for (;;) {
      const request = readMessage(this.unfinished, Request);
      if (!request) return;
      this.unfinished = this.unfinished.subarray(request.size);
      request.connection = this;
      this.requests.push(request);
      this.upstream.requests.push(request);
      this.upstream.answer?.(request, this.socket);
    }
  }
}

export class RecordingUpstream {
  connections = [];
  requests = [];
  #waiting = new Set();

  /// `answer(request, socket)` is called for each whole request; default: plain_answer. `secure`: of tls.createServer; without it there is no TLS.
  static async start(hooks, answer = (request, socket) => socket.write(plain_answer), secure = undefined) {
    const upstream = new RecordingUpstream();
    upstream.answer = answer;
    const serve = (options, then) => (secure ? tls.createServer({ ...options, ...secure }, then) : net.createServer(options, then));
    upstream.server = serve({ noDelay: true }, (socket) => {
      upstream.connections.push(new Connection(upstream, socket));
      upstream.onConnection?.(socket);
      upstream.changed();
    });
    await new Promise((resolve) => upstream.server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve));
    upstream.port = upstream.server.address().port;
    upstream.address = `127.0.0.1:${upstream.port}`;
    upstream.url = `${secure ? 'https' : 'http'}://${upstream.address}`;
    hooks.after(() => upstream.stop());
    return upstream;
  }

  get byteCount() { return this.connections.reduce((sum, c) => sum + c.byteCount, 0); }
  changed() { this.#waiting.forEach((look) => look()); }

  /// Waits until `look()` is true.
  async when(look, what) {
    let attempt;
    try {
      return await within(new Promise((resolve) => {
        attempt = () => {
          const seen = look();
          if (seen) resolve(seen);
        };
        this.#waiting.add(attempt);
        attempt();
      }), what);
    } finally {
      this.#waiting.delete(attempt);
    }
  }

  stop() {
    this.connections.forEach((c) => c.socket.destroy());
    return new Promise((resolve) => this.server.close(resolve));
  }
}
