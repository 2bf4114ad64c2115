import type { AgentRecords, WrappingKeyKeeper } from '../../src/ports/wrapping-keys.ts';

/** A keeper that a test plays: it answers what it is given, and remembers what it was asked. */
export class FakeKeyKeeper implements WrappingKeyKeeper {
  readonly calls: string[] = [];
  answer: readonly AgentRecords[] | Error = [];

  replace(agent: string): Promise<readonly AgentRecords[]> {
    return this.#answer(`replace ${agent}`);
  }

  preview(agent: string): Promise<readonly AgentRecords[]> {
    return this.#answer(`preview ${agent}`);
  }

  async #answer(call: string): Promise<readonly AgentRecords[]> {
    this.calls.push(call);
    if (this.answer instanceof Error) throw this.answer;
    return this.answer;
  }
}
