import { applyDecorators, Header } from '@nestjs/common';

/** Nothing between here and the operator keeps the answer, or takes it for something else than JSON. */
export function NeverKept(): MethodDecorator {
  return applyDecorators(Header('Cache-Control', 'no-store'), Header('X-Content-Type-Options', 'nosniff'));
}
