import type { ErrorCode } from '../domain/errors.ts';
import { failing, type Line, type LineId, ok, warning } from './line.ts';
import type { CertificateFacts } from './server-facts.ts';

const dayMs = 86_400_000;
/** Whole days that leave time to renew. */
const warnDays = 30;

export interface CertificateCase {
  readonly certificate: CertificateFacts;
  readonly now: Date;
  readonly what: string;
  readonly agents: readonly string[];
  readonly mend: string;
  /** Of a certificate that is not valid. */
  readonly code: ErrorCode;
}

/** Whether a certificate is in its time, and for how long. */
export function judgeCertificate(
  id: LineId,
  { certificate, now, what, agents, mend, code }: CertificateCase,
): Line {
  const { subject, issuer, from, to } = certificate;
  const name = subject === issuer ? `${subject}, which signed itself,` : `${subject}, issued by ${issuer},`;
  const tell = (how: string) => ({ what, agents, detail: `the certificate ${name} ${how}` });
  if (now < from) {
    const advice = `see to the clocks of both hosts (date -u), or ${mend}`;
    return failing(id, { ...tell(`is not valid before ${day(from)}`), mend: advice, code });
  }
  if (now > to) return failing(id, { ...tell(`expired on ${day(to)}`), mend, code });
  const left = Math.floor((to.getTime() - now.getTime()) / dayMs);
  const until = `has ${left === 1 ? '1 day' : `${left} days`} left, until ${day(to)}`;
  return left < warnDays ? warning(id, { ...tell(until), mend }) : ok(id, tell(until));
}

function day(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
