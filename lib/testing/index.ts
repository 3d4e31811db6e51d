/**
 * For the tests of applications: streams that are opened, pushers and sources that are stood in for, a memory that instances
 * share, time that is steered.
 *
 * @module nestjs-event-stream/testing
 */

export type { FakeSourceRequest } from './fake-source-request.js';
export { FakeSseSource } from './fake-sse-source.js';
export { openStream } from './open-stream.js';
export type { OpenStreamInit } from './open-stream-init.js';
export { type ReceivedMessageParts, receivedMessage } from './received-message.js';
export { SharedMemory } from './shared-memory.js';
export { type SteeredTime, steerTime } from './steer-time.js';
export { SseTestError, type SseTestProblem } from './test.error.js';
export type { SseTestEnd } from './test-connection.js';
export { createTestPusher, type TestPusher, type TestPusherOptions } from './test-pusher.js';
export type { TestStream } from './test-stream.js';
