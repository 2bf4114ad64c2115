/** The errors of F5 Distributed Cloud: a JSON string is the whole body. */
import { jsonAnswer, type ApiAnswer, type ErrorWording } from '../api.ts';

export const f5XcWording: ErrorWording = {
  error: (_, message, code) => (code === undefined ? message : `${code}: ${message}`),
  limit: (message) => message,
};

export function f5Error(status: number, message: string, note?: string): ApiAnswer {
  return jsonAnswer(status, message, note ?? message);
}
