import { Body, Controller, Post } from '@nestjs/common';
import { Pusher, SsePusher, SseStream } from 'nestjs-event-stream';

async function* askModel(prompt: string, signal: AbortSignal) {
  for (const word of prompt.split(' ')) {
    signal.throwIfAborted(); // stop paying for tokens that nobody reads
    yield word.toUpperCase();
  }
}

@Controller()
export class ChatController {
  @Post('chat')
  @SseStream({ onEnd: 'stop' }) // whoever reconnects after the answer gets 204, and no second one
  async *chat(@Body('prompt') prompt: string, @Pusher() { signal }: SsePusher) {
    for await (const token of askModel(prompt, signal)) {
      yield { event: 'token', data: token };
    }
  }
}
