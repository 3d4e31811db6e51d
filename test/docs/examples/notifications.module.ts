import {
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Injectable,
  Module,
  Post,
  Req,
  UseGuards,
} from '@nestjs/common';
import { SseChannels, SseStream } from 'nestjs-event-stream';

type UserEvents = { notice: { text: string; link: string } };

@Injectable()
export class Notifications {
  constructor(private readonly channels: SseChannels) {}

  of(user: string) {
    return this.channels.channel<UserEvents>(`user:${user}`);
  }

  /** From a controller, a job, another instance. Returns the id, which you may keep beside the notice. */
  notify(user: string, notice: UserEvents['notice']): Promise<string> {
    return this.of(user).publish({ event: 'notice', data: notice });
  }
}

@Injectable()
class SessionGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: { cookie?: string }; user?: string }>();
    request.user = /\bsession=(\w+)/.exec(request.headers.cookie ?? '')?.[1]; // yours: whom the session belongs to
    return request.user !== undefined;
  }
}

@Controller('notifications')
@UseGuards(SessionGuard)
class NotificationsController {
  constructor(private readonly notifications: Notifications) {}

  @SseStream() // the user comes from the session, never from the path: nobody can ask for somebody else's
  follow(@Req() { user }: { user: string }) {
    return this.notifications.of(user).subscribe({ replay: 20 });
  }

  @Post() // yours: who may tell whom
  async notify(@Body() { to, text, link }: { to: string; text: string; link: string }) {
    return { id: await this.notifications.notify(to, { text, link }) };
  }
}

@Module({ controllers: [NotificationsController], providers: [Notifications], exports: [Notifications] })
export class NotificationsModule {}
