import { type CanActivate, Controller, type ExecutionContext, Injectable, Module, UseGuards } from '@nestjs/common';
import { SseChannels, SseModule, SseStream, SseStreamRegistry } from 'nestjs-event-stream';

/** Yours: who is logged in, and until when. */
@Injectable()
export class Sessions {
  readonly known = new Map<string, { readonly user: string; expiresAt: number }>();

  of({ headers }: { headers: Record<string, string> }) {
    return this.known.get(headers['x-session'] ?? '');
  }
}

@Injectable()
class SessionGuard implements CanActivate {
  constructor(private readonly sessions: Sessions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest();
    request.session = this.sessions.of(request);
    return Boolean(request.session); // no: a request gets 403, an open stream ends
  }
}

@Controller('account')
@UseGuards(SessionGuard)
class AccountController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream('events', {
    keys: ({ session }) => ({ user: session.user }),
    reauthorize: {
      guards: [SessionGuard],
      everyMs: 30_000,
      until: ({ session }) => new Date(session.expiresAt), // asked again then: the session may be longer by now
    },
  })
  follow() {
    return this.channels.subscribe('account');
  }
}

@Injectable()
export class Accounts {
  constructor(
    private readonly sessions: Sessions,
    private readonly streams: SseStreamRegistry,
  ) {}

  async lockOut(user: string): Promise<void> {
    for (const [id, session] of this.sessions.known) {
      if (session.user === user) this.sessions.known.delete(id); // first the permission,
    }
    await this.streams.revoke({ keys: { user } }); // then the streams, on every instance
  }
}

@Module({
  imports: [SseModule.forRoot()],
  controllers: [AccountController],
  providers: [Sessions, SessionGuard, Accounts],
  exports: [Sessions, Accounts],
})
export class AccountModule {}
