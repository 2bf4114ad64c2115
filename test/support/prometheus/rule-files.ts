import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** The rules in deploy/prometheus and their tests, as they are in the files. */

export const repository = join(import.meta.dirname, '../../..');
const ruleFolder = join(repository, 'deploy/prometheus');

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly unknown[] }[];
}

export interface AlertCase {
  readonly alertname: string;
  readonly eval_time: string;
  readonly exp_alerts?: readonly { readonly exp_labels: Readonly<Record<string, string>> }[];
}

interface RuleTests {
  readonly tests: readonly {
    readonly input_series: readonly { readonly series: string }[];
    readonly alert_rule_test?: readonly AlertCase[];
  }[];
}

export const recordingFile = join(ruleFolder, 'recording-rules.yaml');
export const alertingFile = join(ruleFolder, 'alerting-rules.yaml');

/** Names of files, sorted. */
export const ruleTestFiles = globSync(join(ruleFolder, 'tests/*.yaml')).toSorted();

export function recordingRules(): readonly RecordingRule[] {
  return rulesIn(recordingFile) as readonly RecordingRule[];
}

export function alertingRules(): readonly AlertingRule[] {
  return rulesIn(alertingFile) as readonly AlertingRule[];
}

/** Every look at an alert that the tests take. */
export function alertCases(): readonly AlertCase[] {
  return allTests().flatMap(({ alert_rule_test: cases = [] }) => cases);
}

/** Every series that the tests make up. */
export function inputSeries(): readonly string[] {
  return allTests().flatMap(({ input_series: series }) => series.map((each) => each.series));
}

function rulesIn(file: string): readonly unknown[] {
  return (parse(readFileSync(file, 'utf8')) as RuleFile).groups.flatMap(({ rules }) => rules);
}

function allTests(): RuleTests['tests'] {
  return ruleTestFiles.flatMap((file) => (parse(readFileSync(file, 'utf8')) as RuleTests).tests);
}

/** The labels that a recording rule leaves, as the first part of its name promises them. */
export function labelsOfRecord({ record, labels = {} }: RecordingRule): readonly string[] {
  const [level = ''] = record.split(':');
  const left = level.split('_').filter((label) => label !== 'job' && label !== 'instance');
  return [...left, ...Object.keys(labels)];
}
