import { type CanActivate, type ExecutionContext, Injectable, UnsupportedMediaTypeException } from '@nestjs/common';
import type { Request } from 'express';

/**
 * Keeps other sites from posting in the name of who looks at them. A page may send forms and plain text to wherever it likes,
 * but for JSON the browser asks first, and nobody here says yes.
 */
@Injectable()
export class JsonOnlyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.switchToHttp().getRequest<Request>().is('application/json')) return true;
    throw new UnsupportedMediaTypeException('Post JSON, with content-type: application/json');
  }
}
