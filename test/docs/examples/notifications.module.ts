import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Injectable,
  Module,
  Req,
  UseGuards,
} from '@nestjs/common';
import { SseChannels, SseModule, SseStream } from 'nestjs-event-stream';

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
    const request = context.switchToHttp().getRequest();
    request.user = request.headers['x-user']; // yours: whom the session cookie belongs to
    return Boolean(request.user);
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
}

@Module({
  imports: [SseModule.forRoot({ history: { events: 50, ageMs: 24 * 3_600_000 } })], // of each user, for a day
  controllers: [NotificationsController],
  providers: [Notifications],
  exports: [Notifications],
})
export class NotificationsModule {}
