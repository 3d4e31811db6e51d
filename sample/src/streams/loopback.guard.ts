import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';

const ADDRESSES = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * For whoever sits at this machine. The name is looked at, too: else a page of another site could have its own name point here,
 * and a browser on this machine would let it read. An application has users, and asks who they are instead.
 */
@Injectable()
export class LoopbackGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { socket, headers } = context.switchToHttp().getRequest<Request>();
    return ADDRESSES.has(socket.remoteAddress ?? '') && NAMES.has(hostOf(headers.host));
  }
}

function hostOf(header = ''): string {
  const url = `http://${header}`;
  return URL.canParse(url) ? new URL(url).hostname : '';
}
