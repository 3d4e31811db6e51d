import { expect, it } from '@jest/globals';
import { documentOf } from '../openapi/support/document.js';
import { startApp } from '../pusher/support/platforms.js';
import { serveDocument } from './examples/api-document.js';
import { ShipmentsController } from './examples/shipments.controller.js';

it('the page on OpenAPI has a controller whose document is as it says, and is served', async () => {
  const { app, port, close } = await startApp('express', {
    controllers: [ShipmentsController],
    configure: serveDocument,
  });
  const document = await documentOf(app);
  expect(Object.keys(document.components?.schemas ?? {})).toEqual(
    expect.arrayContaining(['ShipmentsFollowMovedEvent', 'ShipmentsFollowDeliveredEvent', 'ShipmentsFollowNoteEvent']),
  );
  expect(document.paths['/shipments/{id}/events']?.get).toMatchObject({
    parameters: [{ name: 'id' }, { name: 'Last-Event-ID' }],
    responses: { 200: { content: { 'text/event-stream': {} } }, 204: {} },
  });
  const response = await fetch(`http://127.0.0.1:${port}/api-json`, { headers: { connection: 'close' } });
  expect(await response.json()).toMatchObject({ paths: document.paths });
  await close();
});
