import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem, type } from 'node:os';
import { newestParser } from './newest-parser.mjs';

const GIB = 2 ** 30;
const PEERS = [
  '@nestjs/core',
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
  'better-sse',
  'eventsource',
  'eventsource-client',
  'launchdarkly-eventsource',
  'undici',
  'ioredis',
  'redis',
];

/** When and on what something was measured, and beside which versions. @param {Date} date @param {number} seconds it took */
export function measuredOn(date, seconds) {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const machine = `${availableParallelism()} cores (${model}), ${Math.round(totalmem() / GIB)} GiB, ${type()}`;
  const versions = PEERS.map((name) => `${name} ${versionOf(import.meta.resolve(name))}`);
  const minutes = Math.max(1, Math.round(seconds / 60));
  return (
    `Measured on ${date.toISOString().slice(0, 10)} in ${minutes} min: Node ${process.version}, ${machine}; ` +
    `${[...versions, `eventsource-parser ${versionOf(newestParser())}`].join(', ')}.`
  );
}

/** The version of an installed package, whatever it exports. @param {string} entry a module of it, as a URL */
function versionOf(entry) {
  for (let folder = new URL('.', entry); folder.pathname !== '/'; folder = new URL('..', folder)) {
    const manifest = new URL('package.json', folder);
    const version = existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version;
    if (version) return version;
  }
  throw new Error(`no package around ${entry}`);
}
