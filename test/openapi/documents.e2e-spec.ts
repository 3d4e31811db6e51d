import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Param, Post, Query, Req, Res, VersioningType } from '@nestjs/common';
import {
  ApiExcludeEndpoint,
  ApiOperation,
  ApiProperty,
  ApiUnauthorizedResponse,
  type OpenAPIObject,
} from '@nestjs/swagger';
import { LastEventId, Pusher, SsePusher, SseStream } from 'nestjs-event-stream';
import { ApiSseStream } from 'nestjs-event-stream/openapi';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { documentOf } from './support/document.js';

class ItemDto {
  @ApiProperty() sku!: string;
}

class OrderDto {
  @ApiProperty() id!: string;
  @ApiProperty({ type: [ItemDto] }) items!: ItemDto[];
}

class QuestionDto {
  @ApiProperty() prompt!: string;
}

abstract class FeedController {
  @SseStream('feed/:tenant', { onEnd: 'stop' })
  @ApiSseStream({
    events: { created: OrderDto, 'order.moved': [OrderDto], deleted: { type: 'string', format: 'uuid' } },
  })
  feed(
    @Param('tenant') _tenant: string,
    @Query('since') _since: string,
    @Pusher() _pusher: SsePusher,
    @LastEventId() _id?: string,
  ) {}
}

@Controller({ path: 'orders', version: '1' })
class OrdersController extends FeedController {
  @ApiSseStream({ events: { message: String }, description: 'The words of the answer.', lastEventId: false })
  @ApiOperation({ summary: 'Asks a model' })
  @ApiUnauthorizedResponse({ description: 'No token', type: ItemDto })
  @Post('chat')
  @SseStream({ onEnd: 'stop' })
  chat(@Body() _question: QuestionDto, @Pusher() _pusher: SsePusher) {}

  @ApiExcludeEndpoint()
  @SseStream('hidden')
  @ApiSseStream({ events: { secret: OrderDto }, name: 'Hidden' })
  hidden(@Pusher() _pusher: SsePusher) {}

  @Post('made')
  @ApiSseStream({ name: 'Own.', ends: true, events: { 'a.b': Number, 'a-b': Number } })
  made(@Req() _request: object, @Res() _response: object) {}
}

@Controller('archive')
class ArchiveController extends FeedController {
  @SseStream('open', { onEnd: 'stop' })
  @ApiSseStream({ ends: false })
  open(@Pusher() _pusher: SsePusher) {}
}

const schema = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const lastEventId = { name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string' } };

describe.each(PLATFORMS)('a document of @nestjs/swagger on %s', (platform) => {
  let app: TestApp;
  let document: OpenAPIObject;

  beforeAll(async () => {
    app = await startApp(platform, {
      controllers: [OrdersController, ArchiveController],
      configure: (nest) => nest.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI }),
    });
    document = await documentOf(app.app);
  });

  afterAll(() => app.close());

  it('has the routes of streams under their paths and methods, and none that is excluded', () => {
    const routes = Object.entries(document.paths).map(([path, item]) => [path, Object.keys(item)]);
    expect(routes).toEqual([
      ['/api/v1/orders/chat', ['post']],
      ['/api/v1/orders/made', ['post']],
      ['/api/v1/orders/feed/{tenant}', ['get']],
      ['/api/archive/open', ['get']],
      ['/api/archive/feed/{tenant}', ['get']],
    ]);
    expect(document.components?.schemas).not.toHaveProperty('HiddenSecretEvent');
  });

  it('has an event stream of any of the events, told apart by their names', () => {
    const mapping = {
      created: '#/components/schemas/FeedFeedCreatedEvent',
      'order.moved': '#/components/schemas/FeedFeedOrderMovedEvent',
      deleted: '#/components/schemas/FeedFeedDeletedEvent',
    };
    const oneOf = Object.values(mapping).map(($ref) => ({ $ref }));
    for (const path of ['/api/v1/orders/feed/{tenant}', '/api/archive/feed/{tenant}']) {
      expect(document.paths[path]?.get?.responses['200']).toEqual({
        description: 'A stream of server-sent events.',
        content: { 'text/event-stream': { schema: { oneOf, discriminator: { propertyName: 'event', mapping } } } },
      });
    }
  });

  it('has the schema of each event, and of everything in its data', () => {
    const of = (event: string, data: object) => ({
      type: 'object',
      properties: {
        id: { type: 'string', description: expect.stringContaining('Last-Event-ID') },
        event: { type: 'string', enum: [event] },
        data,
      },
      required: ['event', 'data'],
    });
    expect(document.components?.schemas).toMatchObject({
      FeedFeedCreatedEvent: of('created', schema('OrderDto')),
      FeedFeedOrderMovedEvent: of('order.moved', { type: 'array', items: schema('OrderDto') }),
      FeedFeedDeletedEvent: of('deleted', { type: 'string', format: 'uuid' }),
      OrdersChatMessageEvent: of('message', { type: 'string' }),
      OrderDto: { properties: { items: { type: 'array', items: schema('ItemDto') } } },
      ItemDto: {},
    });
  });

  it('has the parameters of the method, and Last-Event-ID, but nothing that the stream fills in', () => {
    expect(document.paths['/api/v1/orders/feed/{tenant}']?.get).toMatchObject({
      parameters: [
        { name: 'tenant', in: 'path' },
        { name: 'since', in: 'query' },
        { ...lastEventId, description: expect.stringContaining('EventSource') },
      ],
    });
    expect(document.paths['/api/v1/orders/feed/{tenant}']?.get).not.toHaveProperty('requestBody');
    expect(document.paths['/api/archive/open']?.get?.parameters).toMatchObject([lastEventId]);
  });

  it('leaves what else is said of a route, and the types of its errors', () => {
    expect(document.paths['/api/v1/orders/chat']?.post).toMatchObject({
      summary: 'Asks a model',
      parameters: [],
      requestBody: { content: { 'application/json': { schema: schema('QuestionDto') } } },
      responses: {
        200: {
          description: 'The words of the answer.',
          content: { 'text/event-stream': { schema: schema('OrdersChatMessageEvent') } },
        },
        401: { description: 'No token', content: { 'application/json': { schema: schema('ItemDto') } } },
      },
    });
  });

  it('has 204 where a stream can end for good, above @SseStream() and below, unless told otherwise', () => {
    const statuses = (path: string, method: 'get' | 'post') =>
      Object.keys(document.paths[path]?.[method]?.responses ?? {});
    expect(statuses('/api/v1/orders/feed/{tenant}', 'get')).toEqual(['200', '204']);
    expect(statuses('/api/v1/orders/chat', 'post')).toEqual(['200', '204', '401']);
    expect(statuses('/api/archive/open', 'get')).toEqual(['200']);
  });

  it('describes a stream that a method makes itself, with a name for each event', () => {
    expect(document.paths['/api/v1/orders/made']?.post).toMatchObject({
      responses: {
        200: {
          content: { 'text/event-stream': { schema: { oneOf: [schema('Own.ABEvent'), schema('Own.ABEvent2')] } } },
        },
        204: { description: expect.stringContaining('for good') },
      },
    });
  });
});
