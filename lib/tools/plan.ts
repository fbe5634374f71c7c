import type { PlanStep } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import type { Tool } from './tool.ts'

export interface PlanArguments {
  steps: PlanStep[]
}

/** What a plan may hold: more is no plan that anybody reads. */
const most = { steps: 50, characters: 300 }

/** `plan`: what the model intends, for the person to see; each call replaces the whole. */
export function planTool(words: (name: string) => string): Tool<PlanArguments> {
  return {
    name: 'plan',
    get description() {
      return words('plan')
    },
    schema: {
      type: 'object',
      properties: {
        steps: {
          type: 'array',
          maxItems: most.steps,
          description: 'All steps, in their order; none takes the plan away.',
          items: {
            type: 'object',
            properties: {
              text: { type: 'string', minLength: 1, maxLength: most.characters, description: 'What is to be done.' },
              state: { type: 'string', enum: ['pending', 'doing', 'done'] },
            },
            required: ['text', 'state'],
            additionalProperties: false,
          },
        },
      },
      required: ['steps'],
      additionalProperties: false,
    },
    // Nothing is touched by it.
    risk: () => 'read',
    summary: ({ steps }) =>
      steps.find(({ state }) => state === 'doing')?.text ?? `${doneOf(steps)}/${steps.length} done`,
    async execute({ steps }) {
      const doing = steps.filter(({ state }) => state === 'doing').length
      if (doing > 1)
        throw new Failure('usage', `${doing} steps are "doing": one at most is, the others are pending or done.`)
      const said = `${doneOf(steps)}/${steps.length} done`
      return { ok: true, text: `The person sees the plan: ${said}.`, summary: said, plan: steps }
    },
  }
}

function doneOf(steps: readonly PlanStep[]): number {
  return steps.filter(({ state }) => state === 'done').length
}
