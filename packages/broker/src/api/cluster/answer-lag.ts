import { answerQuestions } from '../../lag/answer-questions.js'
import { areQuestions, type LagAnswers, lagPath } from '../../lag/questions.js'
import { needed, value } from '../parameters.js'
import { route } from '../route.js'
import { other, shape } from '../shape.js'

/** Another broker coordinates groups that stand in partitions that are led here. */
export const answerLag = route(
  {
    name: `POST ${lagPath}`,
    about: 'What waits for groups of another broker in partitions that are led here.',
    rights: { needs: 'CLUSTER_ACTION CLUSTER' },
    body: { questions: needed(value(areQuestions, 'Where they stand.')) },
    answer: shape('LagAnswers', { answers: other<LagAnswers>('`LagAnswers`', 'For each place of each group.') }),
    isInternal: true,
  },
  async ({ services, body: { questions = [] } }) => {
    const sources = { ...services, clock: services.runtime.clock }
    return { answers: await answerQuestions(questions, sources) }
  },
)
