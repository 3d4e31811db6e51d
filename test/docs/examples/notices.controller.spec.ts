import { Test } from '@nestjs/testing';
import { openStream } from 'nestjs-event-stream/testing';
import { AppModule } from './app.module.js';
import { NoticesController } from './notices.controller.js';

it('sends notices, and what was missed to whoever comes back', async () => {
  const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = testing.createNestApplication();
  const notices = app.get(NoticesController);

  const stream = await openStream(app, '/notices');
  await notices.post('one');
  expect(await stream.next()).toMatchObject({ event: 'notice', data: '{"text":"one"}' });
  await stream.close();

  await notices.post('two');
  const resumed = await openStream(app, '/notices', { lastEventId: stream.lastEventId });
  expect((await resumed.next()).json()).toEqual({ text: 'two' });
  await app.close();
});
