/** Described and not served yet; `openapi-routes.test.ts` fails for what is served by now. */
export const arriving = {
  operations: ['GET /v1/agents/{agent}/events'],
  parameters: ['sequence', 'wait'],
  codes: ['SHUTTING_DOWN'],
} as const;
