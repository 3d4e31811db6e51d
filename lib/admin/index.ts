export type { SseAdminOptions } from './admin-options.js';
export { SseAdminModule } from './sse-admin.module.js';
