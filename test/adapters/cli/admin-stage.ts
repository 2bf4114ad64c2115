import { adminToken } from '../emulator/https-emulator.ts';
import { startAdminServer, type AdminAnswer, type AdminServer } from '../providers/admin-server.ts';
import { Stage, type Ended } from './stage.ts';

/** A stage with agents of every product at one server, and the credential of its administrator. */
export class AdminStage implements AsyncDisposable {
  readonly stage = new Stage();
  readonly server: AdminServer;

  private constructor(server: AdminServer) {
    this.server = server;
    const agents = [
      ['logs-01', 'vcf-logs'],
      ['logs-02', 'vcf-logs'],
      ['zone-01', 'onezone'],
      ['edge-01', 'f5-xc', 'expires_at: "2099-01-01T00:00:00Z", probe: { path: /api/web/namespaces }'],
    ].map(
      ([name, provider, more = '']) =>
        `  ${name}: { provider: ${provider}, url: "${server.url}", secret: { store: memory }, ${more} }`,
    );
    this.stage.write(
      'config.yaml',
      `state_dir: ./state
allow_ephemeral: true
agents:
${agents.join('\n')}
listeners: [{ unix: ${this.stage.socket}, allow: [] }]
`,
    );
    this.stage.write('admin.token', `${adminToken}\n`);
  }

  static async open(answer: AdminAnswer): Promise<AdminStage> {
    return new AdminStage(await startAdminServer(answer));
  }

  /** Words without blanks in them. */
  run(line: string, input?: string): Promise<Ended> {
    return this.stage.run(line.split(' '), input === undefined ? {} : { input });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stage[Symbol.dispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

export const credentialFile = '--admin-token-file admin.token';
