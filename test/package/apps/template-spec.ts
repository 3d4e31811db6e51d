import type { INestApplication } from '@nestjs/common';
import { Controller } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Pusher, SseModule, SsePusher, SseReceiverService, SseStream } from 'nestjs-event-stream';
import { encodeMessage } from 'nestjs-event-stream/protocol';
import { createTestPusher, openStream } from 'nestjs-event-stream/testing';

@Controller()
class TicksController {
  @SseStream('ticks')
  async ticks(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push({ id: '1', data: 'one' });
  }
}

describe('an application with event streams', () => {
  let app: INestApplication;

  beforeAll(async () => {
    const module = await Test.createTestingModule({
      imports: [SseModule.forRoot()],
      controllers: [TicksController],
    }).compile();
    app = module.createNestApplication();
    await app.listen(0, '127.0.0.1');
  });

  afterAll(() => app.close());

  it('streams what its controller pushes to its own receiver', async () => {
    const subscription = app.get(SseReceiverService).subscribe(`${await app.getUrl()}/ticks`);
    for await (const message of subscription) {
      expect(message).toMatchObject({ data: 'one', lastEventId: '1' });
      break;
    }
    await subscription.close();
  });

  it('is tested with the test kit', async () => {
    const stream = await openStream(app, '/ticks');
    expect(await stream.next()).toMatchObject({ data: 'one', lastEventId: '1' });
    await stream.close();
    const pusher = createTestPusher();
    await new TicksController().ticks(pusher);
    expect(pusher.messages).toMatchObject([{ data: 'one' }]);
  });

  it('reaches the codec', () => {
    expect(encodeMessage({ data: 'one' }).toString()).toBe('data: one\n\n');
  });
});
