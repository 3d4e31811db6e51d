/** The subjects of idle.mjs and connect.mjs: on which server, and at which path of it, a stream of each is opened. */

/** @typedef {{ role: 'ours' | 'peer' | 'floor', platform: string, path: string }} IdleSubject */

/** @type {Record<string, IdleSubject>} */
const SUBJECTS = {
  'ours, pusher, Express': { role: 'ours', platform: 'Express', path: '/pusher' },
  'ours, pusher, Fastify': { role: 'ours', platform: 'Fastify', path: '/pusher' },
  'ours, channel, Express': { role: 'ours', platform: 'Express', path: '/channel' },
  'ours, channel, Fastify': { role: 'ours', platform: 'Fastify', path: '/channel' },
  'better-sse': { role: 'peer', platform: 'better-sse', path: '/' },
  'Nest, Express': { role: 'peer', platform: 'Express', path: '/nest' },
  'Nest, Fastify': { role: 'peer', platform: 'Fastify', path: '/nest' },
  'raw, node:http': { role: 'floor', platform: 'node:http', path: '/' },
  'raw, Express': { role: 'floor', platform: 'Express', path: '/raw' },
  'raw, Fastify': { role: 'floor', platform: 'Fastify', path: '/raw' },
};

/** In the environment, SUBJECTS is a list of names, parted by semicolons. @param {string[]} [some] else all of them */
export function chosenSubjects(some = Object.keys(SUBJECTS)) {
  const names = process.env['SUBJECTS']?.split(';') ?? some;
  return Object.fromEntries(names.map((name) => [name, subjectOf(name)]));
}

/** @param {string} name */
export function subjectOf(name) {
  const subject = SUBJECTS[name];
  if (!subject) throw new Error(`no subject ${name}; there are: ${Object.keys(SUBJECTS).join('; ')}`);
  return subject;
}

/** The name of what else there is on the platform of a subject. @param {'raw' | 'Nest'} kind @param {string} name */
export function besides(kind, name) {
  return `${kind}, ${subjectOf(name).platform}`;
}
