export const ADMIN_SETTINGS = Symbol('nestjs-event-stream.admin-settings');

/** What the routes of operators go by. */
export interface AdminSettings {
  readonly maxRows: number;
}
