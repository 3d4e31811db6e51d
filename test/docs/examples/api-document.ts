import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { describeSseStreams } from 'nestjs-event-stream/openapi';

/** In main.ts, before `app.listen()`. */
export function serveDocument(app: INestApplication): void {
  describeSseStreams(app);
  const document = SwaggerModule.createDocument(app, new DocumentBuilder().setTitle('Shipments').build());
  SwaggerModule.setup('api', app, document);
}
