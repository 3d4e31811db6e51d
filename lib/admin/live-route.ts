/** The name of the route of live views: its controller's, and its method's. */
export const LIVE_ROUTE = 'SseAdminController.live';
