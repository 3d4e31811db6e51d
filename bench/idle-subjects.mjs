/** The subjects of idle.mjs and connect.mjs: on which server, and at which path of it, a stream of each is opened. */

/** @typedef {{ role: 'ours' | 'peer' | 'floor', platform: 'http' | 'better-sse' | 'express' | 'fastify', path: string }} IdleSubject */

/** @type {Record<string, IdleSubject>} */
export const SUBJECTS = {
  'ours, @Pusher(), Express': { role: 'ours', platform: 'express', path: '/pusher' },
  'ours, channel, Express': { role: 'ours', platform: 'express', path: '/channel' },
  'ours, @Pusher(), Fastify': { role: 'ours', platform: 'fastify', path: '/pusher' },
  'ours, channel, Fastify': { role: 'ours', platform: 'fastify', path: '/channel' },
  'better-sse': { role: 'peer', platform: 'better-sse', path: '/' },
  'Nest @Sse(), Express': { role: 'peer', platform: 'express', path: '/nest' },
  'Nest @Sse(), Fastify': { role: 'peer', platform: 'fastify', path: '/nest' },
  'raw, node:http': { role: 'floor', platform: 'http', path: '/raw' },
  'raw, Express': { role: 'floor', platform: 'express', path: '/raw' },
  'raw, Fastify': { role: 'floor', platform: 'fastify', path: '/raw' },
};

export const OURS = Object.keys(SUBJECTS).filter((name) => SUBJECTS[name]?.role === 'ours');

/** What else there is on the platform of a subject. @param {string} name */
export const rawOf = (name) => `raw, ${platformOf(name)}`;
/** @param {string} name */
export const nestOf = (name) => `Nest @Sse(), ${platformOf(name)}`;

/** @param {string} name */
function platformOf(name) {
  return name.split(', ').at(-1);
}

/** In the environment, SUBJECTS is a list of names, parted by semicolons. */
export function chosenSubjects() {
  const names = process.env['SUBJECTS']?.split(';') ?? Object.keys(SUBJECTS);
  return names.map((name) => {
    const subject = SUBJECTS[name];
    if (!subject) throw new Error(`no subject ${name}; there are: ${Object.keys(SUBJECTS).join('; ')}`);
    return { name, ...subject };
  });
}
