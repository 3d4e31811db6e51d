/**
 * One end of a way through Redis, for redis.mjs: `publish` or `listen`. It does what its parent tells it, and answers with
 * figures, among them the microseconds of CPU that it has used.
 */
import { subjects } from './redis-subjects.mjs';

const [role, name, url, channelCount, subscribers] = /** @type {string[]} */ (process.argv.slice(2));
const CHANNELS = Array.from({ length: Number(channelCount) }, (_, index) => `${name}:${index}`);

/** The clock that all processes of a machine share, in microseconds. */
const nowUs = () => Number(process.hrtime.bigint()) / 1000;
const cpuUs = () => process.cpuUsage().user + process.cpuUsage().system;
const say = (/** @type {object} */ answer) => process.send?.(answer);
const subject = /** @type {() => import('./redis-subjects.mjs').Subject} */ (subjects(String(url))[String(name)])();

// Connections would keep it alive.
process.once('disconnect', () => process.exit());
if (role === 'publish') await publishing();
else await listening();

async function publishing() {
  const publish = await subject.publisher();
  let published = 0;
  const one = (/** @type {number} */ run, /** @type {number} */ bytes) => {
    const n = published++;
    const channel = Math.floor(n / run) % CHANNELS.length;
    const text = `<${n},${nowUs()}>`.padEnd(bytes, 'x');
    return publish(String(CHANNELS[channel]), text);
  };
  process.on('message', async (/** @type {Order} */ { count, run, bytes, inFlight, perSecond }) => {
    const before = cpuUs();
    if (perSecond) await paced(count, perSecond, () => one(run, bytes));
    else await flood(count, inFlight, () => one(run, bytes));
    say({ cpuUs: cpuUs() - before });
  });
  say({ ready: true });
}

/** @typedef {{ count: number, run: number, bytes: number, inFlight: number, perSecond: number }} Order */

/** @param {number} count @param {number} inFlight @param {() => Promise<unknown>} publish */
async function flood(count, inFlight, publish) {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await publish();
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, worker));
}

/** @param {number} count @param {number} perSecond @param {() => Promise<unknown>} publish */
async function paced(count, perSecond, publish) {
  /** @type {Promise<unknown>[]} */
  const sent = [];
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      sent.push(publish());
      if (sent.length === count) resolve(clearInterval(timer));
    }, 1000 / perSecond);
  });
  await Promise.all(sent);
}

/** Looks that every message comes once, and those of a channel in order: what is published as n-th, the n-th comes. */
async function listening() {
  const copies = Number(subscribers);
  const names = CHANNELS.flatMap((channel) => Array.from({ length: copies }, () => channel));
  /** @type {number[]} */
  let latencies = [];
  let wanted = 0;
  let got = 0;
  let cpuBefore = 0;
  /** @type {Uint32Array} */
  let seen = new Uint32Array(0);
  let first = 0;
  const onMessage = (/** @type {string} */ text) => {
    const comma = text.indexOf(',');
    const n = Number(text.slice(text.indexOf('<') + 1, comma)) - first;
    const before = seen[n] ?? copies;
    if (before === copies) throw new Error(`message ${n + first} of ${name} came again`);
    seen[n] = before + 1;
    latencies.push(nowUs() - Number(text.slice(comma + 1, text.indexOf('>'))));
    if (++got === wanted) {
      const sorted = latencies.sort((a, b) => a - b);
      const at = (/** @type {number} */ part) => sorted[Math.floor(sorted.length * part)];
      say({ at: nowUs(), cpuUs: cpuUs() - cpuBefore, p50: at(0.5), p99: at(0.99) });
      first += wanted / copies;
    }
  };
  process.on('message', (/** @type {Order} */ { count }) => {
    [wanted, got, latencies, seen, cpuBefore] = [count * copies, 0, [], new Uint32Array(count), cpuUs()];
    say({ at: nowUs() });
  });
  await subject.listen(names, onMessage);
  say({ ready: true });
}
