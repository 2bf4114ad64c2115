/** How often Alertmanager is told again of what stands, milliseconds. */
export const resendMs = 60_000;
