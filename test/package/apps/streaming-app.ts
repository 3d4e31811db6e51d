import 'reflect-metadata';
import {
  type CanActivate,
  Controller,
  Get,
  Headers,
  Injectable,
  Module,
  NotFoundException,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Pusher, SseModule, SsePusher, SseReceiverService, SseStream } from 'nestjs-event-stream';
import { encodeMessage } from 'nestjs-event-stream/protocol';

@Injectable()
class NobodyPasses implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller()
class StreamingController {
  constructor(private readonly receiver: SseReceiverService) {}

  @SseStream('ticks')
  async ticks(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push({ id: '1', data: { tick: 1 } });
    await pusher.push({ id: '2', data: { tick: 2 } });
  }

  @SseStream('forbidden')
  @UseGuards(NobodyPasses)
  async forbidden(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push({ data: 'never sent' });
  }

  @SseStream('missing')
  async missing(@Pusher() _pusher: SsePusher): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    throw new NotFoundException('no such stream');
  }

  @Get('received')
  async received(@Headers('host') host: string): Promise<string[]> {
    const ids: string[] = [];
    for await (const message of this.receiver.subscribe(`http://${host}/ticks`)) {
      ids.push(message.lastEventId);
      if (ids.length === 2) break;
    }
    return ids;
  }

  @Get('frame')
  frame(): string {
    return encodeMessage({ id: '7', data: 'low level' }).toString();
  }
}

@Module({ imports: [SseModule.forRoot()], controllers: [StreamingController] })
class AppModule {}

async function main(): Promise<void> {
  const adapter = process.argv[2] === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(AppModule, adapter, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  console.log(await app.getUrl());
  process.stdin.once('data', () => {
    process.stdin.destroy();
    void app.close();
  });
}

void main();
