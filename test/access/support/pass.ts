import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';

type Answer = ReturnType<CanActivate['canActivate']>;

/** A guard that says what a test has it say, and remembers what it was asked. */
@Injectable()
export class Pass implements CanActivate {
  readonly asked: ExecutionContext[] = [];
  say: (context: ExecutionContext) => Answer = () => true;

  canActivate(context: ExecutionContext): boolean | Promise<boolean> | Observable<boolean> {
    this.asked.push(context);
    return this.say(context);
  }
}

/** Lets nobody in any more. */
export const noMore = () => {
  throw new ForbiddenException();
};
