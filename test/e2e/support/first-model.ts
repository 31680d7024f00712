import { call } from './http-call.ts';

/** The first model service of `system.ai`. */
export async function firstModel(gateway: { readonly url: string; readonly token: string }): Promise<string> {
  const result = await call(
    `${gateway.url}/api/2.1/unity-catalog/model-services?parent=schemas/system.ai&page_size=100`,
    { token: gateway.token },
  );
  return (result.json().model_services[0].name as string).replace('model-services/', '');
}
