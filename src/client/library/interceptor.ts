import { TokenwardClientError } from './client-error.ts';
import { canBeSentAgain } from './decisions.ts';
import type { AccessToken, InterceptorOptions, RejectionStatus, TokenInterceptor } from './declaration.ts';
import { type Handler, RejectableAnswer } from './rejectable-answer.ts';
import { withHeader } from './request-headers.ts';

/** What an interceptor asks of its client. */
export interface TokenSource {
  getToken(): Promise<AccessToken>;
  report(token: AccessToken, status: RejectionStatus): Promise<void>;
  /** Reports, and resolves to a newer token, or to null where none came within `waitMs` milliseconds. Never rejects. */
  replace(token: AccessToken, status: RejectionStatus, waitMs: number): Promise<AccessToken | null>;
}

/** See the declaration of `TokenClient`. */
export function interceptor(options: InterceptorOptions, source: TokenSource): TokenInterceptor {
  const { header = 'authorization', rejected = [401, 403, 440], waitMs = 10_000 } = options;
  const { origin } = new URL(options.origin);
  const valueOf = ({ accessToken, tokenType }: AccessToken): string => {
    const scheme = options.scheme ?? (header.toLowerCase() === 'authorization' ? tokenType : '');
    return scheme === '' ? accessToken : `${scheme} ${accessToken}`;
  };
  const isRejection = (status: number): status is RejectionStatus =>
    (rejected as readonly number[]).includes(status);

  return (dispatch, boundTo) => (request, handler) => {
    const outer = handler as Handler;
    // null: of several servers, and the request does not decide which
    const target = boundTo === undefined ? request.origin : boundTo;
    if (target == null) {
      const message =
        'the request has no origin, so nobody can tell who would get the token; use an Agent of undici';
      fail(outer, new TokenwardClientError('REQUEST_INVALID', message));
      return true;
    }
    if (new URL(target).origin !== origin) return dispatch(request, handler);

    const send = (token: AccessToken, inner: object): void => {
      const headers = withHeader(request.headers, header, valueOf(token));
      // a redirect below would take the token to another server in a header that undici does not strip, and bring back its verdict
      dispatch({ ...request, headers, maxRedirections: 0 }, inner as typeof handler);
    };
    const first = async (): Promise<void> => {
      const token = await source.getToken();
      const answer = new RejectableAnswer(outer, {
        isRejection,
        mayRepeat: canBeSentAgain(request.body),
        report: (status) => void source.report(token, status).catch(() => {}), // the answer itself is passed on
        replace: (status) => source.replace(token, status, waitMs),
        repeat: send,
      });
      send(token, answer);
    };
    first().catch((error: unknown) => fail(outer, error as Error));
    return true;
  };
}

function fail(handler: Handler, error: Error): void {
  handler.onResponseError?.(null, error);
}
