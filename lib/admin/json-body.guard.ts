import type { IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, UnsupportedMediaTypeException } from '@nestjs/common';

/**
 * Keeps other sites from posting in the name of an operator who is signed in. A page may have a browser send forms and plain
 * text to wherever it likes, but for JSON the browser asks first.
 */
export class JsonBodyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<Pick<IncomingMessage, 'headers'>>();
    const [type] = (headers['content-type'] ?? '').split(';', 1);
    if (type!.trim().toLowerCase() === 'application/json') {
      return true;
    }
    throw new UnsupportedMediaTypeException('Post JSON, with content-type: application/json');
  }
}
