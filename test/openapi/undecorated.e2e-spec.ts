import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { ApiExcludeController, ApiForbiddenResponse, ApiProperty } from '@nestjs/swagger';
import { Pusher, SseAdminModule, SsePusher, SseStream } from 'nestjs-event-stream';
import { ApiSseStream, describeSseStreams } from 'nestjs-event-stream/openapi';
import { PLATFORMS, startApp } from '../pusher/support/platforms.js';
import { documentOf } from './support/document.js';

class TickDto {
  @ApiProperty() at!: number;
}

@Controller('clock')
class ClockController {
  @Get('now')
  now() {}

  @Post('ticks')
  @ApiForbiddenResponse({ description: 'Not yours' })
  @SseStream({ onEnd: 'stop' })
  ticks(@Pusher() _pusher: SsePusher) {}

  @SseStream('told')
  @ApiSseStream({ events: { tick: TickDto } })
  told(@Pusher() _pusher: SsePusher) {}
}

@ApiExcludeController()
@Controller('hidden')
class HiddenController {
  @SseStream()
  hidden(@Pusher() _pusher: SsePusher) {}
}

describe.each(PLATFORMS)('describeSseStreams() on %s', (platform) => {
  it('describes streams that nothing is said of, once, and no other route', async () => {
    const { app, close } = await startApp(platform, { controllers: [ClockController, HiddenController] });
    describeSseStreams(app);
    describeSseStreams(app);
    const { paths } = await documentOf(app);
    expect(Object.keys(paths)).toEqual(['/clock/now', '/clock/ticks', '/clock/told']);
    expect(paths['/clock/now']?.get).toMatchObject({ parameters: [], responses: { 200: { description: '' } } });
    expect(paths['/clock/ticks']?.post).toMatchObject({
      parameters: [{ name: 'Last-Event-ID' }],
      responses: {
        200: {
          description: 'A stream of server-sent events.',
          content: { 'text/event-stream': { schema: { type: 'string' } } },
        },
        204: {},
        403: { description: 'Not yours' },
      },
    });
    expect(paths['/clock/told']?.get).toMatchObject({
      parameters: [{ name: 'Last-Event-ID' }],
      responses: {
        200: { content: { 'text/event-stream': { schema: { $ref: '#/components/schemas/ClockToldTickEvent' } } } },
      },
    });
    await close();
  });
});

@Module({ controllers: [ClockController] })
class ClockModule {}

describe('the routes of operators', () => {
  it('are in a document, unless it is told what it is about', async () => {
    const admin = SseAdminModule.forRoot({ guards: [{ canActivate: () => false }] });
    const { app, close } = await startApp('express', { imports: [ClockModule, admin] });
    describeSseStreams(app);
    const { paths } = await documentOf(app);
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/clock/told', '/admin/sse/close']));
    expect(paths['/admin/sse/live']?.get?.responses['200']).toMatchObject({ content: { 'text/event-stream': {} } });
    const own = await documentOf(app, '3.0.0', { include: [ClockModule] });
    expect(Object.keys(own.paths)).toEqual(['/clock/now', '/clock/ticks', '/clock/told']);
    await close();
  });
});

describe('OpenAPI 3.1', () => {
  it('has the same', async () => {
    const { app, close } = await startApp('fastify', { controllers: [ClockController] });
    const { paths } = await documentOf(app, '3.1.0');
    expect(paths['/clock/told']?.get?.responses['200']).toMatchObject({ content: { 'text/event-stream': {} } });
    await close();
  });
});
