import { SseError } from './sse-error.js';

/** One thing that is wrong with the options that were given. */
export interface SseOptionProblem {
  /** The option's path, such as `pingMs` or `shutdown.spreadMs`. */
  readonly option: string;
  /** What is wrong with it and what is expected, such as `must be a number of milliseconds ≥ 0, got -1`. */
  readonly problem: string;
}

/** The same by its shorter name. */
export type OptionProblem = SseOptionProblem;

/**
 * Options that cannot be used. Thrown where the options are given (module start-up, decorator, call), with every
 * problem at once, so that nobody has to restart an application once per mistake.
 */
export class SseOptionsError extends SseError {
  readonly code = 'SSE_OPTIONS';
  readonly problems: readonly SseOptionProblem[];

  constructor(problems: readonly SseOptionProblem[]);
  /** @param owner whose options they are; the message starts with it */
  constructor(owner: string, problems: readonly SseOptionProblem[]);
  constructor(first: string | readonly SseOptionProblem[], second: readonly SseOptionProblem[] = []) {
    const [owner, problems] = typeof first === 'string' ? [first, second] : ['Bad options', first];
    super(`${owner}: ${problems.map(({ option, problem }) => `'${option}' ${problem}`).join('; ')}`);
    this.problems = problems;
  }
}
