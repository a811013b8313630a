// A client that sends exactly the bytes it is told to, and sees exactly those that come back.
import net from 'node:net';
import { within } from './deadline.mjs';
import { Response, peekHead, readMessage } from './http1.mjs';

/// Node 20 leaks a socket, busily, that is reset after its end was begun.
export function reset(socket) {
  if (socket.readableEnded || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

export class RawClient {
  received = Buffer.alloc(0);  // not yet taken by response()
  end;                         // how it ended: 'closed' (they said so) or the error's code
  #changed = () => {};

  static async connect(hooks, port, options = {}) {
    const socket = net.connect({ host: '127.0.0.1', port, noDelay: true, ...options });
    const client = new RawClient(hooks, socket);
    await within(new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject)), `connecting to ${port}`);
    return client;
  }

  constructor(hooks, socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
      this.#changed();
    });
    const ended = (how) => {
      this.end ??= how;
      this.#changed();
    };
    socket.on('end', () => ended('closed'));
    socket.on('error', (e) => ended(e.code));
    socket.on('close', () => ended('closed'));
    hooks.after(() => socket.destroy());
  }

  /// Text is latin1: a character is a byte.
  send(bytes) {
    if (!this.socket.destroyed) this.socket.write(bytes, 'latin1');
    return this;
  }
  halfClose() { this.socket.end(); }
  reset() { reset(this.socket); }
  get localPort() { return this.socket.localPort; }

  /// The first true value of `look()`, tried at every change.
  async #when(look, what, milliseconds) {
    return within(new Promise((resolve, reject) => {
      const attempt = () => {
        try {
          const seen = look();
          if (seen) {
            this.#changed = () => {};
            resolve(seen);
          }
        } catch (e) {
          reject(e);
        }
      };
      this.#changed = attempt;
      attempt();
    }), what, milliseconds);
  }

  /// The next final response; null when the connection ends without a whole one. Interim ones are in its `interim`.
  async response({ method = 'GET', milliseconds } = {}) {
    const interim = [];
    for (;;) {
      const got = await this.#when(() => {
        const message = readMessage(this.received, Response, { request_method: method, ended: this.end === 'closed' });
        return message ?? (this.end && 'ended');
      }, 'a response', milliseconds);
      if (got === 'ended') return null;
      this.received = this.received.subarray(got.size);
      if (got.status >= 200 || got.status === 101) return Object.assign(got, { interim });
      interim.push(got);
    }
  }

  /// The head of the response that has begun to arrive.
  async head() {
    const got = await this.#when(() => peekHead(this.received, Response) ?? (this.end && 'ended'), 'the head of a response');
    return got === 'ended' ? null : got.message;
  }

  /// The text has arrived somewhere in what was not taken.
  async contains(text) {
    const found = await this.#when(() => this.received.includes(text) || this.end, JSON.stringify(text));
    if (found !== true) throw new Error(`the connection ended (${found}) before ${JSON.stringify(text)}`);
  }

  /// At least `count` bytes have arrived (and were not taken).
  async bytes(count) { await this.#when(() => this.received.length >= count || this.end, `${count} bytes`); }

  /// How the connection ended: 'closed', or 'ECONNRESET' and the like.
  async ended(milliseconds) { return this.#when(() => this.end, 'the end of a connection', milliseconds); }
}

/// A connection, one request, its response (null: none came), and then the end.
export async function exchange(hooks, port, bytes, options) {
  const client = await RawClient.connect(hooks, port);
  client.send(bytes);
  const response = await client.response(options);
  client.socket.destroy();
  return response;
}
