import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Body,
  Controller,
  Injectable,
  NotFoundException,
  Param,
  ParseIntPipe,
  type PipeTransform,
  Post,
  Query,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsString, Max } from 'class-validator';
import { LastEventId, Pusher, SsePusher, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

class Range {
  @Type(() => Number)
  @IsInt()
  @Max(100)
  limit!: number;

  doubled(): number {
    return this.limit * 2;
  }
}

class Prompt {
  @IsString()
  text!: string;
}

@Injectable()
class KnownUser implements PipeTransform<string, Promise<{ name: string }>> {
  async transform(id: string): Promise<{ name: string }> {
    if (id !== '7') {
      throw new NotFoundException(`No user ${id}`);
    }
    return { name: 'Ada' };
  }
}

/** Does to its values what a pusher would not survive. */
class Cloning implements PipeTransform {
  transform(value: unknown): unknown {
    return typeof value === 'object' && value !== null ? { ...value } : value;
  }
}

@Controller()
class PipedController {
  @SseStream('range')
  *range(@Query() range: Range) {
    yield { data: { isRange: range instanceof Range, doubled: range.doubled() } };
  }

  @SseStream('int/:n')
  *int(@Param('n', ParseIntPipe) n: number) {
    yield { data: n + 1 };
  }

  @SseStream('implicit/:n')
  *implicit(@Param('n') n: number) {
    yield { data: typeof n };
  }

  @SseStream('user/:id')
  *user(@Param('id', KnownUser) user: { name: string }) {
    yield user.name;
  }

  @Post('prompt')
  @SseStream()
  *prompt(@Body() { text }: Prompt) {
    yield text.toUpperCase();
  }

  @SseStream('cloning')
  @UsePipes(Cloning)
  async cloning(@Pusher() pusher: SsePusher, @LastEventId() lastEventId?: string) {
    await pusher.push({ data: { isPusher: pusher instanceof SsePusher, lastEventId } });
    await pusher.close();
  }
}

describe.each(PLATFORMS)('pipes on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, {
      controllers: [PipedController],
      sse: { retryMs: false },
      configure: (app) =>
        app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true })),
    });
  });

  afterAll(() => server.close());

  it('lets the global ValidationPipe make an instance of the query', async () => {
    const { text } = await readRaw(server.port, '/range?limit=21');

    expect(text).toBe('data: {"isRange":true,"doubled":42}\n\n');
  });

  it.each([
    ['/range?limit=101', ['limit must not be greater than 100']],
    ['/range?limit=1&x=2', ['property x should not exist']],
  ])('answers %s with the 400 of the ValidationPipe', async (path, message) => {
    const { status, headers, json } = await readRaw(server.port, path);

    expect(status).toBe(400);
    expect(headers['content-type']).toContain('application/json');
    expect(json).toEqual({ statusCode: 400, message, error: 'Bad Request' });
  });

  it('converts by ParseIntPipe, and answers with its 400', async () => {
    const converted = await readRaw(server.port, '/int/41');
    const rejected = await readRaw(server.port, '/int/many');

    expect(converted.text).toBe('data: 42\n\n');
    expect(rejected.status).toBe(400);
    expect(rejected.json.message).toBe('Validation failed (numeric string is expected)');
  });

  it('lets pipes see the types of the parameters', async () => {
    const { text } = await readRaw(server.port, '/implicit/5');

    expect(text).toBe('data: number\n\n');
  });

  it('awaits asynchronous pipes, and answers with what they throw', async () => {
    const known = await readRaw(server.port, '/user/7');
    const unknown = await readRaw(server.port, '/user/8');

    expect(known.text).toBe('data: Ada\n\n');
    expect(unknown.status).toBe(404);
    expect(unknown.json.message).toBe('No user 8');
  });

  it('validates the body of a POST', async () => {
    const headers = { 'content-type': 'application/json' };
    const valid = await readRaw(server.port, '/prompt', { method: 'POST', headers, body: '{"text":"hi"}' });
    const invalid = await readRaw(server.port, '/prompt', { method: 'POST', headers, body: '{"text":5}' });

    expect(valid.status).toBe(200);
    expect(valid.text).toBe('data: HI\n\n');
    expect(invalid.status).toBe(400);
    expect(invalid.json.message).toEqual(['text must be a string']);
  });

  it('keeps pusher and last event id from pipes that would break them', async () => {
    const { text } = await readRaw(server.port, '/cloning', { headers: { 'last-event-id': '7' } });

    expect(text).toBe('data: {"isPusher":true,"lastEventId":"7"}\n\n');
  });
});
