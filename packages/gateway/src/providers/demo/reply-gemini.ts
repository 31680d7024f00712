import type { Plan } from './plan.ts';
import { dataEvent, demoId, type Reply } from './reply.ts';
import { DEMO_THINKING, sign } from './signature.ts';
import { geminiUsage } from './usage.ts';

/**
 * The plan as Gemini's answer: an optional thought part, then text parts or a function call. A function
 * call always carries a thought signature, text only when thoughts are shown. Events end with CRLF as the
 * real ones do.
 */
export function replyGemini(plan: Plan): Reply {
  const tail = { ...(plan.usage ? { usageMetadata: geminiUsage } : {}), modelVersion: plan.model };
  const answer = (parts: readonly object[], finishReason?: string): object => ({
    candidates: [{ content: { parts, role: 'model' }, index: 0, ...(finishReason ? { finishReason } : {}) }],
    ...tail,
    responseId: demoId('', plan.seed),
  });
  const signature = { thoughtSignature: sign(plan.thinking ?? DEMO_THINKING) };
  const thought = plan.thinking === undefined ? [] : [{ text: plan.thinking, thought: true }];
  const textSignature = plan.thinking === undefined ? {} : signature;
  const call = plan.call && { functionCall: { name: plan.call.tool.name, args: plan.call.args }, ...signature };

  const wholeParts = [...thought, call ?? { text: plan.deltas.join(''), ...textSignature }];
  const streamed = [...thought, ...(call === undefined ? plan.deltas.map((text) => ({ text })) : [call])];
  const last = call === undefined ? { text: '', ...textSignature } : { text: '' };
  return {
    json: answer(wholeParts, 'STOP'),
    events: [...streamed.map((part) => answer([part])), answer([last], 'STOP')].map((one) => dataEvent(one, '\r\n')),
    errorEvent: dataEvent({ error: { code: 503, message: 'Overloaded (demo)', status: 'UNAVAILABLE' } }, '\r\n'),
    ping: undefined,
    headers: {},
  };
}
