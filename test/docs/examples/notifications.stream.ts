import { expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { openStream } from 'nestjs-event-stream/testing';
import { AppModule } from './notifications.app.js';
import { Notifications } from './notifications.module.js';

async function startInstance() {
  const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
  return testing.createNestApplication();
}

it('goes on at another instance, with nothing lost', async () => {
  const [one, other] = [await startInstance(), await startInstance()];
  const headers = { cookie: 'session=ann' };
  const stream = await openStream(one, '/notifications', { headers });
  await other.get(Notifications).notify('ann', { text: 'Hello', link: '/1' });
  expect((await stream.next()).json()).toEqual({ text: 'Hello', link: '/1' });
  await stream.cut();
  await one.close(); // a deploy

  await other.get(Notifications).notify('ann', { text: 'Are you there?', link: '/2' });
  const resumed = await openStream(other, '/notifications', { headers, lastEventId: stream.lastEventId });
  expect((await resumed.next()).json()).toEqual({ text: 'Are you there?', link: '/2' });
  await other.close();
});
