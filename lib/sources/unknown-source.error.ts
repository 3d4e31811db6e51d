import { SseError } from '../protocol/index.js';

/** A source was asked for by a name that no module has given to one. */
export class SseUnknownSourceError extends SseError {
  readonly code = 'SSE_UNKNOWN_SOURCE';

  constructor(
    /** The name that was asked for. */
    readonly source: string,
    /** The names that exist. */
    readonly names: readonly string[],
    askedBy?: string,
  ) {
    const asked = askedBy === undefined ? 'There is' : `${askedBy} handles events of a source that does not exist:`;
    const existing = names.length > 0 ? names.map((name) => JSON.stringify(name)).join(', ') : 'none';
    super(
      `${asked} ${askedBy === undefined ? 'no source ' : ''}${JSON.stringify(source)}. ` +
        `Sources that exist: ${existing}. Add it to the sources of SseModule.forRoot() or SseModule.forFeature().`,
    );
  }
}
