import type { HttpAnswer } from '../../domain/outcome.ts';
import type { BulkAnswer, CredentialSelection } from '../../domain/revocation.ts';
import type { Secret } from '../../domain/secret.ts';
import type { ProviderAdmin } from '../../ports/provider-admin.ts';
import { type AdminCall, type AdminDependencies, createAdminCaller, jsonRequest } from '../admin-caller.ts';
import { quote, type ServerComplaint } from '../admin-error.ts';
import { isObject, readBody, textField } from '../answer/body.ts';

/** What an administrator does with API credentials (API page "Bulk Revoke service credential"). */
export type F5XcAdmin = Required<Pick<ProviderAdmin, 'revokeCredentials'>>;

const path = '/api/web/namespaces/system/bulk_revoke/service_credentials';

/** "1 to 200 items". */
const mostNames = 200;

/** Throws `SECRET_INPUT_INVALID` for a credential that no HTTP header can carry. */
export function createF5XcAdmin(dependencies: AdminDependencies): F5XcAdmin {
  const call = createAdminCaller(dependencies, {
    header: 'authorization',
    scheme: 'APIToken',
    mayDo: 'revoke credentials of the tenant',
    readComplaint,
  });
  return {
    revokeCredentials: {
      atOnce: mostNames,
      revoke: (selection, signal) => call(revocation(selection, dependencies.credential), signal),
    },
  };
}

/** The body of an error is a text in JSON; other texts may be anybody's. */
function readComplaint(answer: HttpAnswer): ServerComplaint | null {
  const body = readBody(answer.body);
  if (body.kind !== 'json' || typeof body.value !== 'string') return null;
  return { code: null, message: body.value, meaning: null };
}

function revocation(selection: CredentialSelection, credential: Secret): AdminCall<BulkAnswer> {
  const isNamed = 'names' in selection;
  return {
    task: {
      text: isNamed ? revokeText(selection.names.length) : 'revoke the expired credentials',
      ifLost: 'again',
    },
    request: {
      ...jsonRequest(
        path,
        isNamed
          ? { name_selector: { names: selection.names } }
          : // as the page's example has it
            { expired_selector: { all: {}, credential_type: selection.expired } },
      ),
      // all that have expired may be many
      maxBodyBytes: 8 * 1024 * 1024,
    },
    read: (value) => bulkAnswer(value, credential),
  };
}

function revokeText(count: number): string {
  return count === 1 ? 'revoke 1 credential' : `revoke ${count} credentials`;
}

/** Members that are missing say nothing, as the page requires none. */
function bulkAnswer(value: unknown, credential: Secret): BulkAnswer | null {
  if (!isObject(value)) return null;
  const message = quote(textField(value, 'error_message'), credential);
  return {
    marked: texts(value['credentials_marked_for_deletion']),
    failed: texts(value['credentials_failed']),
    message: message === '' ? null : message,
  };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
