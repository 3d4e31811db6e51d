import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { type RedirectableRequest, RedirectTrail } from '../../lib/receiver/redirects.js';
import { data, take } from './support/consumers.js';
import { ScriptedServer, stream } from './support/scripted-server.js';

describe('a trail of redirects', () => {
  const own: RedirectableRequest = { url: new URL('https://own.test/'), method: 'GET', callersHeaders: new Map() };
  const follow = (...locations: string[]) => {
    const trail = new RedirectTrail(5);
    return locations.reduce<RedirectableRequest>((request, location) => {
      const next = trail.follow(request, 302, { location });
      if (typeof next === 'string') throw new Error(next);
      return next;
    }, own);
  };

  it('knows that the server chose the origin, for every further hop within it, and back', () => {
    expect(follow('/b').isForeign).toBe(false);
    expect(follow('https://foreign.test/').isForeign).toBe(true);
    expect(follow('https://foreign.test/', '/b').isForeign).toBe(true);
    expect(follow('https://foreign.test/', '/b', 'https://own.test/c').isForeign).toBe(true);
  });

  it('takes the credentials and the fragment out of a Location', () => {
    expect(follow('https://eve:evil@own.test/b#c').url.href).toBe('https://own.test/b');
  });
});

describe('the function given as allow', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream('data: a\n\n'));
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server.close();
  });

  it('gets a copy of the URL: what it does to it changes no request', async () => {
    const allow = (url: URL) => {
      url.pathname = '/elsewhere';
      return true;
    };
    expect(data(await take(receiver.subscribe(server.url, { allow }), 1))).toEqual(['a']);
    expect(server.requests[0]?.url).toBe('/stream');
  });
});
