import { SseError } from './sse-error.js';

/** One thing that is wrong with the options that were given. */
export interface SseOptionProblem {
  /** The option's path, such as `pingMs` or `shutdown.spreadMs`. */
  readonly option: string;
  /** What is wrong with it and what is expected, such as `must be a number of milliseconds ≥ 0, got -1`. */
  readonly problem: string;
}

/**
 * Options that cannot be used. Thrown where the options are given (module start-up, decorator, call), with every
 * problem at once, so that nobody has to restart an application once per mistake.
 */
export class SseOptionsError extends SseError {
  readonly code = 'SSE_OPTIONS';

  constructor(
    readonly problems: readonly SseOptionProblem[],
    options?: ErrorOptions,
  ) {
    super(`Bad options: ${problems.map(({ option, problem }) => `'${option}' ${problem}`).join('; ')}`, options);
  }
}
