import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, type SwaggerDocumentOptions, SwaggerModule } from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';

/** The document of an application, as its clients get it, and as the specification allows it. */
export async function documentOf(
  app: INestApplication,
  openApi = '3.0.0',
  options?: SwaggerDocumentOptions,
): Promise<OpenAPIObject> {
  const config = new DocumentBuilder().setOpenAPIVersion(openApi).build();
  const document = JSON.parse(JSON.stringify(SwaggerModule.createDocument(app, config, options)));
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  if (!valid) throw new Error(`The document is not OpenAPI ${openApi}: ${JSON.stringify(errors, undefined, 2)}`);
  return document;
}
