import { UsageError } from '../terminal/terminal.ts';
import { workspaceUrl } from '../workspace/address.ts';
import type { Context } from './context.ts';

/** URL of the workspace to work with. @throws UsageError where there is none. */
export async function currentWorkspace({ settings, environment }: Context, named: string | undefined): Promise<string> {
  const { UCODE_WORKSPACE, DATABRICKS_HOST } = environment.variables;
  const url = named || UCODE_WORKSPACE || (await settings.read()).current || DATABRICKS_HOST;
  if (!url) throw new UsageError('No workspace is in use. Sign in to one: ucode login URL');
  return workspaceUrl(url);
}
