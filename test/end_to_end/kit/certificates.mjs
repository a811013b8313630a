// Certificates for a test, made by openssl(1): an authority of its own, and what it signs.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });

export class Authority {
  constructor(hooks) {
    this.folder = mkdtempSync(join(tmpdir(), 'gatehouse-ca-'));
    hooks.after(() => rmSync(this.folder, { recursive: true, force: true }));
    this.file = join(this.folder, 'ca.pem');
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90', '-subj', '/CN=Test CA',
      '-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-keyout', join(this.folder, 'ca.key'), '-out', this.file);
    this.pem = readFileSync(this.file, 'utf8');
  }

  /// { pem, key } for `names`, the first of which is the common name, too. `days`: from now; in the past when negative.
  issue(names, { days = 90, rsa = false, usage = 'serverAuth' } = {}) {
    const file = (name) => join(this.folder, name);
    const kind = rsa ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    openssl('req', '-newkey', ...kind, '-nodes', '-subj', `/CN=${names[0]}`, '-keyout', file('leaf.key'), '-out', file('leaf.csr'));
    const all = names.map((name) => (/^[\d.]+$|:/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(',');
    writeFileSync(file('leaf.ext'), `subjectAltName=${all}\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=${usage}\n`);
    writeFileSync(file('leaf.serial'), `7${randomBytes(16).toString('hex').slice(1)}`);
    openssl('x509', '-req', '-in', file('leaf.csr'), '-CA', this.file, '-CAkey', file('ca.key'), '-CAserial', file('leaf.serial'), '-days', String(days),
      '-extfile', file('leaf.ext'), '-out', file('leaf.crt'));
    return { pem: readFileSync(file('leaf.crt'), 'utf8') + this.pem, key: readFileSync(file('leaf.key'), 'utf8') };
  }
}

/// Puts them into `folder` as deployments do: whole, or not at all.
export function install(folder, { pem, key }, name = 'a', mode = 0o600) {
  for (const [file, text] of [[`${name}.key`, key], [`${name}.pem`, pem]]) {
    const path = join(folder, file);
    writeFileSync(`${path}.new`, text, { mode });
    chmodSync(`${path}.new`, mode);
    renameSync(`${path}.new`, path);
  }
}
