import type { ConfigLine, Diagnosis, Evidence, Severity } from '@rivven/doctor'
import { list, nullable, number, one, other, shape, text, word } from '../shape.js'

const severities = ['critical', 'warning', 'info'] as const satisfies readonly Severity[]

const subject = other<Diagnosis['findings'][number]['subject']>(
  '`{ group?, member?, topic?, partition? }`',
  'What is ill; of a finding about brokers nothing, or a topic.',
)

const finding = shape('Finding', {
  check: text('Id of the check, as docs/doctor.md has it.'),
  severity: word(severities, 'How bad it is.'),
  subject,
  since: nullable(number('Since when, in ms since 1970; null: not known.')),
  title: text('One sentence.'),
  evidence: list(other<Evidence>('`{ text, value, unit }`', 'The facts that it rests on.')),
  remedy: text('What to do, in words.'),
  config: list(
    other<ConfigLine>(
      '`{ client, file, key, now, suggested }`',
      'Lines of configuration, in the spelling of each client.',
    ),
  ),
  commands: list(text('To be pasted into a shell.')),
  docs: text('Where more is said.'),
})

const notLookedAt = shape('NotLookedAt', {
  check: text('Id of the check.'),
  needs: text('Who would know what it needs.'),
})

const diagnosisFields = {
  findings: list(one(finding, 'The worst first.')),
  notLookedAt: list(one(notLookedAt, 'Checks whose facts nobody here knows.')),
}

export const groupDiagnosis = shape('GroupDiagnosis', diagnosisFields)

export const clusterDiagnosis = shape('ClusterDiagnosis', {
  ...diagnosisFields,
  groups: number('Groups that were looked at.'),
  total: number('Groups that the caller may describe, of those that were asked for.'),
  missing: list(number('Brokers of the cluster that did not answer: what they know is missing here.')),
})
