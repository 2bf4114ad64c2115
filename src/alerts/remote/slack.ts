import type { AlertNotice } from '../../ports/alert-channel.ts';
import { entryOf, headline, runbookOf, sentence } from './texts.ts';

/** The body of an incoming webhook of Slack (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). */
export function slackBody(notice: AlertNotice, host: string, runbooks: string | null) {
  const { status, code, severity, since, endedAt } = notice;
  const title = `${mark(notice)} ${headline(notice, host)}`;
  const runbook = runbookOf(notice, runbooks);
  const facts = [
    code,
    endedAt === null ? `${severity} since ${since}` : `${since} to ${endedAt}`,
    runbooks === null ? runbook : `<${runbook}|runbook>`,
  ];
  const meaning = status === 'firing' ? [entryOf(notice)?.meaning ?? ''] : [];
  const text = [`*${escaped(title)}*`, escaped(sentence(notice)), ...meaning.map(escaped)].join('\n');
  return {
    text: escaped(title),
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: text.slice(0, longestText) } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: facts.join(' | ') }] },
    ],
  };
}

/** Slack refuses a longer one. */
const longestText = 3000;

function mark({ status, severity }: AlertNotice): string {
  if (status === 'resolved') return '[RESOLVED]';
  return `[${severity.toUpperCase()}]`;
}

/** The three characters that are Slack's own. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
