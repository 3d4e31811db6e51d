import { execFileSync } from 'node:child_process';
import { FanOutSubject } from './fan-out-subject.mjs';

const SIZES = [100, 300, 1000, 3000, 10_000, 19_000];
const BYTES = 100;

/** What a process needs for all else. */
const OTHER_DESCRIPTORS = 200;

const OURS_ALONE = 'ours, one message at a time';
const OURS_TOGETHER = 'ours, ten at a time';
const BARE_ALONE = 'node:http, one at a time';

/**
 * The CPU of the server for each delivery, as in fan-out.mjs.
 *
 * @param {import('./growth.mjs').Sizes} sizes
 * @returns {import('./growth.mjs').Growing}
 */
export function streams({ streams: most, roundMs }) {
  const wanted = SIZES.filter((size) => size <= most);
  const sizes = wanted.filter((size) => size + OTHER_DESCRIPTORS <= descriptors());
  return {
    title: 'A delivery, as streams grow',
    file: 'streams',
    x: { label: 'streams that all get the message' },
    y: { label: 'µs of server CPU per delivery' },
    unit: 'µs',
    sizes,
    lines: [OURS_ALONE, OURS_TOGETHER, BARE_ALONE],
    // With more sockets than fit into the caches of the machine, the kernel itself takes longer for each.
    floor: BARE_ALONE,
    ...(sizes.length < wanted.length && {
      note: `No more than ${sizes.at(-1)} streams: a process may have ${descriptors()} descriptors here.`,
    }),
    async begin() {
      const ours = await started('ours');
      const bare = await started('bare');
      const cost = async (
        /** @type {FanOutSubject} */ subject,
        /** @type {number} */ size,
        /** @type {number} */ burst,
      ) => {
        return (await subject.run({ streams: size, burst, bytes: BYTES }, roundMs)).cpuUs;
      };
      // Else the smallest would pay for compiling.
      for (const subject of [ours, bare]) await cost(subject, Math.min(1000, most), 10);
      return {
        measure: async (size) => ({
          [OURS_ALONE]: await cost(ours, size, 1),
          [OURS_TOGETHER]: await cost(ours, size, 10),
          [BARE_ALONE]: await cost(bare, size, 1),
        }),
        end() {
          ours.stop();
          bare.stop();
        },
      };
    },
  };
}

/** @param {string} name */
async function started(name) {
  const subject = await FanOutSubject.start(name, BYTES);
  if (!subject) throw new Error(`${name} is not there`);
  return subject;
}

/** Node raises its limit to the hard one by itself. */
function descriptors() {
  const limit = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}
