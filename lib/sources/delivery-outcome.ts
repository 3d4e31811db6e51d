/**
 * How it went with one handler and one message:
 * - `done`: the message is dealt with, by the handler or by what it has `onFailure`
 * - `stop`: it is not, and the source must not go on
 * - `interrupted`: it is not, because the application shuts down
 */
export type DeliveryOutcome = 'done' | 'stop' | 'interrupted';
