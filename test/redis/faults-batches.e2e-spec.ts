import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { numbers } from './support/numbers.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisProxy } from './support/redis-proxy.js';
import { RedisServer } from './support/redis-server.js';
import { CONNECTIONS, type Member, RedisStage } from './support/redis-stage.js';
import type { RespCommand } from './support/resp-commands.js';
import type { Viewer } from './support/viewer.js';

/** More than two batches, so that two are under way while the last one waits. */
const COUNT = 1400;

const isPublish = ({ args }: RespCommand) => args.some((arg) => arg.includes(':p:'));

/** The position in an id. */
const positionOf = (id: string) => Number(id.split('-')[1]);

describeWithOwnRedis('batches that are under way while something breaks', () => {
  let server: RedisServer;
  let proxy: RedisProxy;
  let stage: RedisStage;
  let others: RedisStage;
  let far: Member;
  let viewer: Viewer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterEach(async () => {
    await stage.close();
    await others.close();
    await proxy.close();
  });

  describe.each(CONNECTIONS)('of an application with %s', (by) => {
    beforeEach(async () => {
      await server.cli('FLUSHALL');
      proxy = await RedisProxy.start(server);
      stage = new RedisStage(proxy.url);
      others = new RedisStage(server.url);
      far = await stage.join({ by });
      viewer = await others.follow(await others.join());
      // The script is known to the server from here on.
      await far.channels.publish('a', 'first');
      await viewer.got('first');
    });

    /** All at once; what breaks is broken meanwhile. */
    async function publishAll(breaking: (published: Promise<unknown>) => Promise<unknown>) {
      const publishing = Promise.all(numbers(COUNT).map((text) => far.channels.publish('a', text)));
      await breaking(publishing);
      const positions = (await publishing).map(positionOf);
      await viewer.got(`${COUNT - 1}`);
      await viewer.pinged();
      expect(viewer.told).toEqual(['first', ...numbers(COUNT)]);
      expect(positions).toEqual([...positions].sort((a, b) => a - b));
    }

    it('are placed once and in order when the answer to the first is lost, and the second never arrived', async () => {
      const eaten = proxy.eatReply(isPublish);
      await publishAll(() => eaten);
    });

    it('are placed once and in order when the answer to the second is lost', async () => {
      let seen = 0;
      const eaten = proxy.eatReply((command) => isPublish(command) && ++seen === 2);
      await publishAll(() => eaten);
    });

    it('are placed once and in order when both answers are lost', async () => {
      proxy.hold('command', 'replies');
      const sent = proxy.seen(isPublish, 2);
      await publishAll(async () => {
        await sent;
        await viewer.got('1023');
        proxy.cut('command');
        proxy.release();
      });
    });

    it('are placed in order when the script is forgotten and learnt again between them', async () => {
      await server.cli('SCRIPT', 'FLUSH');
      const near = await others.join();
      await publishAll(async () => {
        for (let n = 0; n < 20; n++) {
          await near.channels.publish('b', `${n}`);
          await server.cli('SCRIPT', 'FLUSH');
        }
      });
    });
  });
});
