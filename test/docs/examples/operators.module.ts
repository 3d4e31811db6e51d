import { type CanActivate, type ExecutionContext, Injectable, Module } from '@nestjs/common';
import { SseAdminModule, SseModule } from 'nestjs-event-stream';

@Injectable()
class AdminGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest().user?.role === 'admin';
  }
}

@Module({
  imports: [
    SseModule.forRoot({ keys: ({ user, ip }) => ({ user: user?.id, tenant: user?.tenant, ip }) }),
    SseAdminModule.forRoot({ guards: [AdminGuard] }),
  ],
})
export class OperatorsModule {}
