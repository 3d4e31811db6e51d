import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ViewerConnections } from './viewer-connections.js';
import { readViewerName } from './viewer-name.js';

/** In front of a stream: remembers who is there by the query's `viewer`, and lets nobody through who is cut for a while. */
@Injectable()
export class ViewerGate implements NestMiddleware {
  constructor(private readonly connections: ViewerConnections) {}

  use({ query }: Request, response: Response, next: () => void): void {
    const viewer = readViewerName(query['viewer']);
    if (viewer === undefined || this.connections.admit(viewer, response)) next();
  }
}
