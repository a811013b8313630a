// node observatory.mjs HOST HTTP_PORT HTTPS_PORT PATH...: what MDN's HTTP Observatory says of each path, as JSON. Offline: HOST is this
// machine, whatever it is called. NODE_EXTRA_CA_CERTS names the authority of its certificate.
import dns from 'node:dns';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Its CLI scans the default ports only, so its parts are called; and its installation would download the list of preloaded hosts.
const parts = new URL('node_modules/@mdn/mdn-http-observatory/', import.meta.url);
writeFileSync(fileURLToPath(new URL('conf/hsts-preload.json', parts)), '{}');
const { retrieve } = await import(new URL('src/retriever/retriever.js', parts));
const { ALL_TESTS } = await import(new URL('src/constants.js', parts));
const { getGradeForScore, getScoreModifier } = await import(new URL('src/grader/grader.js', parts));
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await import(new URL('src/grader/charts.js', parts));

const [host, http_port, https_port, ...paths] = process.argv.slice(2);
const look_up = dns.lookup;
dns.lookup = (name, ...rest) => look_up(name === host ? '127.0.0.1' : name, ...rest);

/// As src/scanner/index.js counts: penalties first, and bonuses only for who is good without them.
async function judge(path) {
  const answers = await retrieve(host, { httpPort: Number(http_port), httpsPort: Number(https_port), path });
  const results = ALL_TESTS.map((test) => test(answers));
  const points = results.map(({ result }) => getScoreModifier(result));
  const sum = (list) => list.reduce((total, one) => total + one, 100);
  const penalised = sum(points.filter((one) => one < 0));
  const score = penalised >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? sum(points) : penalised;
  return {
    path,
    status: answers.responses.auto.status,
    grade: getGradeForScore(score).grade,
    score: getGradeForScore(score).score,
    failed: results.filter(({ pass }) => !pass).map(({ result }) => result),
  };
}

const all = [];
for (const path of paths) all.push(await judge(path));
console.log(JSON.stringify(all));
