// Content of any size that repeats nowhere soon, so that a lost, doubled or swapped piece changes its sum.
import crypto from 'node:crypto';
import { Readable } from 'node:stream';

const piece_size = 65_521;  // a prime: never aligned with anybody's buffers

function* pieces(bytes) {
  for (let at = 0, n = 0; at < bytes; at += piece_size, n++) {
    const seed = crypto.createHash('sha256').update(`piece ${n}`).digest();
    const cipher = crypto.createCipheriv('aes-256-ctr', seed, Buffer.alloc(16));
    yield cipher.update(Buffer.alloc(Math.min(piece_size, bytes - at)));
  }
}

export const contentOf = (bytes) => Readable.from(pieces(bytes), { objectMode: false });
export const sha256 = (data) => crypto.createHash('sha256').update(data).digest('hex');
