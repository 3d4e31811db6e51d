import { expect, it } from '@jest/globals';
import { ServiceUnavailableException } from '@nestjs/common';
import { SseBackplaneError } from 'nestjs-event-stream';
import type { Instance } from '../../sample/src/instance.js';
import type { NoticeBoard } from '../../sample/src/notices/notice-board.js';
import { NoticesController } from '../../sample/src/notices/notices.controller.js';
import type { ViewerCuts } from '../../sample/src/viewers/viewer-cuts.js';

function postTo(post: NoticeBoard['post']): Promise<{ id: string }> {
  return new NoticesController({ post } as NoticeBoard, {} as ViewerCuts, {} as Instance).post('Hello');
}

it('answers 503, and says why, while what joins the instances is away', async () => {
  const error = new SseBackplaneError('unreachable', 'has not taken a message', false);
  const refused = await postTo(() => Promise.reject(error)).catch((reason: unknown) => reason);
  expect(refused).toBeInstanceOf(ServiceUnavailableException);
  expect(refused).toMatchObject({ status: 503, message: error.message });
});

it('hides no other failure', async () => {
  const error = new Error('Something else');
  await expect(postTo(() => Promise.reject(error))).rejects.toBe(error);
});
