export { SseStreamRegistry } from './stream-registry.js';
