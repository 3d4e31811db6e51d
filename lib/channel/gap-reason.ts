/**
 * Why a client has to be told that messages are lost to it:
 *
 * - `expired`: they are older than what is kept
 * - `foreign`: its position belongs to another log, of before a restart for instance
 * - `future`: its position has not been reached yet
 * - `malformed`: what it has sent is no position
 * - `restarted`: the log lost its newest part
 */
export type SseGapReason = 'expired' | 'foreign' | 'future' | 'malformed' | 'restarted';
