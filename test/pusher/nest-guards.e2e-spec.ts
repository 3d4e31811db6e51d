import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { openRaw, readRaw } from './support/raw-client.js';

const Role = (role: string) => SetMetadata('role', role);

@Injectable()
class Nobody implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Injectable()
class NobodyLater implements CanActivate {
  async canActivate(): Promise<boolean> {
    throw new UnauthorizedException({ hint: 'log in' });
  }
}

@Injectable()
class RoleGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return headers.role === this.reflector.get<string>('role', context.getHandler());
  }
}

let calls = 0;

@Controller()
class GuardedController {
  @UseGuards(Nobody)
  @SseStream('above')
  above(): string[] {
    calls++;
    return ['never'];
  }

  @SseStream('below')
  @UseGuards(Nobody)
  below(): string[] {
    calls++;
    return ['never'];
  }

  @UseGuards(NobodyLater)
  @SseStream('later')
  later(): string[] {
    calls++;
    return ['never'];
  }

  @Role('reader')
  @UseGuards(RoleGuard)
  @SseStream('role-above')
  roleAbove(): string[] {
    return ['welcome'];
  }

  @SseStream('role-below')
  @UseGuards(RoleGuard)
  @Role('reader')
  roleBelow(): string[] {
    return ['welcome'];
  }
}

describe.each(PLATFORMS)('guards on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    calls = 0;
    server = await startApp(platform, { controllers: [GuardedController], sse: { retryMs: false } });
  });

  afterAll(() => server.close());

  it.each(['/above', '/below'])('answers %s with the 403 of a guard and its JSON body', async (path) => {
    const { status, headers, json } = await readRaw(server.port, path);

    expect(status).toBe(403);
    expect(headers['content-type']).toContain('application/json');
    expect(headers['cache-control']).toBeUndefined();
    expect(json).toEqual({ statusCode: 403, message: 'Forbidden resource', error: 'Forbidden' });
    expect(calls).toBe(0);
  });

  it('answers with the exception that an asynchronous guard throws', async () => {
    const { status, json } = await readRaw(server.port, '/later');

    expect(status).toBe(401);
    expect(json).toEqual({ hint: 'log in' });
    expect(calls).toBe(0);
  });

  it.each(['/role-above', '/role-below'])('shows guards the metadata of %s', async (path) => {
    const welcome = await readRaw(server.port, path, { headers: { role: 'reader' } });
    const refused = await readRaw(server.port, path, { headers: { role: 'writer' } });

    expect(welcome.text).toBe('data: welcome\n\n');
    expect(refused.status).toBe(403);
  });

  it('refuses a POST to a stream that is a GET', async () => {
    const stream = await openRaw(server.port, '/role-above', { method: 'POST' });
    await stream.untilEnd();

    expect(stream.status).toBe(404);
  });
});
