import { type SseError, type SseOptionProblem, SseOptionsError } from '../protocol/index.js';

/** Collects what is wrong with sources and handlers, so that nobody has to start an application once per mistake. */
export class StartUpProblems {
  private readonly options: SseOptionProblem[] = [];
  private readonly handlers = new Map<string, { readonly handler: string; readonly error: SseError }>();

  addOptions(problems: readonly SseOptionProblem[]): void {
    this.options.push(...problems);
  }

  /** @param error whose message begins with the handler; the same is told once */
  addHandler(handler: string, error: SseError): void {
    this.handlers.set(error.message, { handler, error });
  }

  /**
   * @throws SseOptionsError with everything; a problem with a handler that is the only one is thrown as it is
   */
  assertNone(): void {
    const [first, ...others] = this.handlers.values();
    if (first && others.length === 0 && this.options.length === 0) throw first.error;
    const ofHandlers = [...this.handlers.values()].map(({ handler, error }) => ({
      option: handler,
      problem: error.message.slice(handler.length + 1),
    }));
    const problems = [...this.options, ...ofHandlers];
    if (problems.length > 0) throw new SseOptionsError(problems);
  }
}
